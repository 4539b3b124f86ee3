import { CutoverError } from '../core/error.js'
import type { Operation } from '../core/operation.js'
import type { Clock } from '../ports/clock.js'
import { sha256Base64Url } from './digest.js'

/**
 * The name of a write. With an Idempotency-Key it is made from the request alone, so that a resend gets the same name
 * wherever it arrives: the key part from the header and what it is aimed at, the print from what it asks for. The same
 * key on another record is another operation; on the same record with another body it is refused by the stores.
 */
export async function operationOf(
  request: Request,
  target: WriteTarget,
  clock: Pick<Clock, 'now' | 'id'>,
): Promise<Operation> {
  const startedAt = clock.now()
  const key = request.headers.get('idempotency-key')
  if (key === null) return { op: clock.id().replaceAll('-', ''), startedAt, named: false }
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > KEY_CHARS_MAX) {
    throw new CutoverError('invalid-input', `An Idempotency-Key is 1 to ${KEY_CHARS_MAX} visible ASCII characters.`)
  }
  const name = await digest(key, request.method, target.collection, target.id)
  const headers = [request.headers.get('if-match') ?? '', request.headers.get('if-none-match') ?? '']
  const print = await digest(target.body, ...headers)
  return { op: `${name.slice(0, NAME_CHARS)}.${print.slice(0, PRINT_CHARS)}`, startedAt, named: true }
}

interface WriteTarget {
  collection: string
  id: string
  /** As it was sent. */
  body: string
}

const KEY_CHARS_MAX = 200
/** 132 bits of SHA-256: no two requests share a name. */
const NAME_CHARS = 22
/** 60 bits: only compared between requests with one key. */
const PRINT_CHARS = 10

/** The parts are framed as JSON, so that no two lists of parts give the same text. */
function digest(...parts: string[]): Promise<string> {
  return sha256Base64Url(JSON.stringify(parts))
}
