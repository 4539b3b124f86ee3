import { CutoverError } from '../../core/error.js'
import { compareIds } from '../../core/id.js'
import type { Json } from '../../core/json.js'
import type { DeadLetter } from '../../core/run.js'
import type { Change, Entry, Ledger } from '../../ports/ledger.js'
import { auditEntry } from '../audit.js'
import { collectionOf, type EngineContext } from '../context.js'
import { locate, partitionStates } from '../data-plane/partition.js'
import { passRecord } from '../pass/singly.js'
import type { Mover } from '../stages/move.js'
import type { Passed } from './kind.js'
import { deadLetterKey } from './store.js'

/** Records that a pass set aside: listed, tried again, or taken off the list. */
export async function listDeadLetters(
  context: EngineContext,
  collection: string,
  after: string | null,
  limit: number,
): Promise<{ items: DeadLetter[]; next: string | null }> {
  collectionOf(context, collection)
  const prefix = deadLetterKey(collection, '')
  const { items, end } = await context.ledger.list(prefix, after === null ? null : prefix + after, limit)
  const letters = items.map(({ value }) => value as unknown as DeadLetter)
  return { items: letters, next: end ? null : (letters.at(-1)?.id ?? null) }
}

type Tried = { kind: 'settled' | 'dropped' | 'still-failing'; error: string | null }

export async function retryDeadLetter(
  context: EngineContext,
  name: string,
  id: string,
  { by, reason }: Mover,
): Promise<Tried> {
  const { clock } = context
  const collection = collectionOf(context, name)
  const { key, revision, letter } = await readLetter(context, name, id)
  const { state } = locate(collection, partitionStates(collection), id)
  try {
    await passRecord(state, id, clock)
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code === 'unavailable' || error.code === 'contended') throw error
    const renewed = {
      ...letter,
      code: error.code,
      error: error.message,
      attempts: letter.attempts + 1,
      at: clock.now(),
    }
    await replace(context, { key, ifRevision: revision, value: renewed as unknown as Json })
    return { kind: 'still-failing', error: error.message }
  }
  const entry = auditEntry({
    at: clock.now(),
    by,
    action: 'retry-dead-letter',
    collection: name,
    reason,
    before: { id },
    after: null,
  })
  await replace(context, { key, ifRevision: revision, value: undefined }, [entry])
  return { kind: 'settled', error: null }
}

export async function dropDeadLetter(
  context: EngineContext,
  name: string,
  id: string,
  { by, reason }: Mover,
): Promise<Tried> {
  const { key, revision, letter } = await readLetter(context, name, id)
  const before = { id, code: letter.code, error: letter.error }
  const entry = auditEntry({
    at: context.clock.now(),
    by,
    action: 'drop-dead-letter',
    collection: name,
    reason,
    before,
    after: null,
  })
  await replace(context, { key, ifRevision: revision, value: undefined }, [entry])
  return { kind: 'dropped', error: null }
}

async function readLetter(
  context: EngineContext,
  collection: string,
  id: string,
): Promise<{ key: string; revision: number; letter: DeadLetter }> {
  collectionOf(context, collection)
  const key = deadLetterKey(collection, id)
  const held = await context.ledger.read(key)
  if (held === null)
    throw new CutoverError(
      'not-found',
      `The record ${JSON.stringify(id)} of ${collection} is not among those set aside.`,
    )
  return { key, revision: held.revision, letter: held.value as unknown as DeadLetter }
}

async function replace({ ledger }: EngineContext, change: Change, entries: Entry[] = []): Promise<void> {
  if ((await ledger.commit([change], entries)).kind === 'committed') return
  throw new CutoverError('conflict', 'The record was tried by somebody else at the same moment. Look again.')
}

/** Whether any record of the collection is set aside. */
export async function someLetters(ledger: Ledger, collection: string): Promise<boolean> {
  return (await ledger.list(deadLetterKey(collection, ''), null, 1)).items.length > 0
}

const PAGE = 100
const PAGES_MAX = 1_000

/** Takes the records that a pass has brought through off the list; `failed` are those that it set aside again. */
export async function settleLetters(
  ledger: Ledger,
  collection: string,
  { after, until, includes }: Passed,
  failed: ReadonlySet<string>,
): Promise<void> {
  const prefix = deadLetterKey(collection, '')
  let from = after
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end } = await ledger.list(prefix, from === null ? null : prefix + from, PAGE)
    const found = items.map(({ key, revision }) => ({ key, revision, id: key.slice(prefix.length) }))
    const inside = found.filter(({ id }) => until === null || compareIds(id, until) <= 0)
    for (const { key, revision, id } of inside) {
      // Refused when somebody has just set it aside again: then that stands.
      if (includes(id) && !failed.has(id)) await ledger.commit([{ key, ifRevision: revision, value: undefined }])
    }
    from = found.at(-1)?.id ?? null
    if (end || from === null || inside.length < found.length) return
  }
}
