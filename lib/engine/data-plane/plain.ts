import type { Copy } from '../../core/copy.js'
import type { ListOutcome, Mutation, ReadOutcome, Served, WriteOutcome } from '../../core/data-plane.js'
import { CutoverError } from '../../core/error.js'
import { notSentReason } from '../../core/failing/not-sent.js'
import { type Fence, reach } from '../../core/fence.js'
import type { PlainCopy } from '../../core/protocol/answers.js'
import type { Collection } from '../collection.js'
import { failure } from './failure.js'
import { askedOf } from './intent.js'

/**
 * Records after the last day, when the target holds the application's data and nothing else: no versions, no memory
 * of operations. An ETag is a digest of the value; conditions and patches are compare-and-swap on it.
 */
export async function readPlain(collection: Collection, fence: Fence, id: string): Promise<ReadOutcome> {
  const copy = await collection.target.plain.get(id)
  const served = servedPlain(fence)
  return copy === null
    ? { kind: 'absent', ...served }
    : { kind: 'found', value: copy.value, etag: copy.digest, ...served }
}

export async function listPlain(
  collection: Collection,
  fence: Fence,
  after: string | null,
  limit: number,
): Promise<ListOutcome> {
  const { items, end } = await collection.target.plain.page(after, limit)
  return {
    items: items.map(({ id, copy }) => ({ id, value: copy.value, etag: copy.digest })),
    end,
    ...servedPlain(fence),
  }
}

const ATTEMPTS_MAX = 16

export async function writePlain(
  collection: Collection,
  fence: Fence,
  id: string,
  mutation: Mutation,
): Promise<WriteOutcome> {
  const { plain } = collection.target
  const written = (digest: string, value: Copy['value'], created: boolean): WriteOutcome => ({
    kind: 'written',
    etag: digest,
    value,
    created,
    ...servedPlain(fence),
  })
  if (mutation.kind === 'put' && mutation.condition === undefined) {
    const answer = await sent(plain.write(id, mutation.value), `${collection.name}/${id}`)
    if (answer.kind === 'ok') return written(answer.digest, mutation.value, answer.created)
  }
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const copy = await plain.get(id)
    const value = judge(collection.name, id, mutation, copy)
    const answer = await sent(plain.write(id, value, copy?.digest ?? null), `${collection.name}/${id}`)
    if (answer.kind === 'ok') return written(answer.digest, value, copy === null)
  }
  throw failure('contended', `${collection.name}/${id}`)
}

/** A write that was not answered may have happened, and no store remembers it here: it is not sent again. */
async function sent<T>(answer: Promise<T>, place: string): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code !== 'unavailable' || notSentReason(error) !== null) throw error
    const message = `The target store does not answer (${place}). The write may or may not have happened, at most once. Read the record before you repeat it.`
    const details = { reason: 'target-unavailable', retryAfterSeconds: 2 }
    throw new CutoverError('outcome-unknown', message, { details, cause: error })
  }
}

/** The value to write upon `copy`, or the refusal. The digest of the copy stands in for its version. */
function judge(collection: string, id: string, mutation: Mutation, copy: PlainCopy | null): Copy['value'] {
  const { condition } = mutation
  const bare = { ...mutation }
  delete bare.condition
  if (condition?.kind === 'if-match' && condition.etag !== '*' && condition.etag !== copy?.digest) {
    throw new CutoverError('precondition-failed', `The record ${collection}/${id} has changed. Read it again.`)
  }
  const still =
    condition?.kind === 'if-match' ? { ...bare, condition: { kind: 'if-match' as const, etag: '*' } } : mutation
  const { intent, refusal } = askedOf(still, collection, id)
  if (intent.kind === 'always') return intent.value
  const evaluation = intent.evaluate(copy === null ? null : { version: 1, op: '', value: copy.value })
  if (evaluation.kind === 'refused') throw refusal()
  return evaluation.value
}

function servedPlain(fence: Fence): Served {
  return { stage: reach(fence).stage, epoch: fence.epoch, servedBy: 'target' }
}
