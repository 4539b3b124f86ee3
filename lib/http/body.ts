import { CutoverError } from '../core/error.js'
import { requestFault } from './problem.js'

/**
 * The body as text: at most `bytesMax` bytes, strict UTF-8. The announced length is believed only to refuse early; the
 * stream is counted too, and dropped at the first byte too many. A byte order mark at its start is passed over, unless
 * `exact` asks for every character, as a signature of the body does.
 */
export async function readText(request: Request, bytesMax: number, { exact = false } = {}): Promise<string> {
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity') throw requestFault('unsupported-media-type', 'Send the body without Content-Encoding.')
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax)
  if (request.body === null) return ''

  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: exact })
  const parts: string[] = []
  let bytes = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    bytes += value.byteLength
    if (bytes > bytesMax) {
      await reader.cancel()
      throw tooLarge(bytesMax)
    }
    parts.push(decode(decoder, value))
  }
  parts.push(decode(decoder))
  return parts.join('')
}

/** 415 unless the content type is one of `accepted` (in UTF-8, which JSON always is). */
export function checkContentType(request: Request, accepted: readonly string[]): void {
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '').toLowerCase().split(';')
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='))
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset)
  if (accepted.includes(type.trim()) && isUtf8) return
  throw requestFault(
    'unsupported-media-type',
    `Send the body with the content type ${accepted.join(' or ')}, in UTF-8.`,
  )
}

function decode(decoder: TextDecoder, bytes?: Uint8Array): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch (cause) {
    throw new CutoverError('invalid-input', 'The body is not UTF-8.', { cause })
  }
}

function tooLarge(bytesMax: number): CutoverError {
  return new CutoverError('too-large', `The body is larger than ${bytesMax} bytes.`, { details: { bytesMax } })
}
