import { answerDifferences, idsThatDiffer } from '../../core/checkpoint/answers.js'
import type { ReadRequest } from '../../core/checkpoint/request.js'
import type { AnswerDifference } from '../../core/checkpoint/weigh-answers.js'
import { jsonEqual } from '../../core/compare/equal.js'
import { CutoverError } from '../../core/error.js'
import { faultOfId } from '../../core/id.js'
import type { Json } from '../../core/json.js'
import type { Clock } from '../../ports/clock.js'
import type { Collection } from '../collection.js'
import { locate, type PartitionState } from '../data-plane/partition.js'
import { examine } from '../validate/examine.js'
import { lookAt } from '../validate/sight.js'
import { type Answer, answerOf } from './answer.js'
import { oneSided } from './one-sided.js'

/**
 * Asks both paths the same, and says whether they answer alike. Nothing is written in either store.
 *
 * Two answers that differ may be nothing but a write between the two reads: they are asked again after a pause until
 * they are alike or stand still. Answers that stand still and differ are different unless the records in them are such
 * as the stage lets differ, by the rule that validations go by. So a write under way is no difference, and an index
 * that lists other ids than there are records is one.
 */
export type Replayed =
  | { kind: 'alike'; withRecords: boolean }
  | { kind: 'different'; kinds: AnswerDifference[]; example: Json }
  | { kind: 'inconclusive' }

export async function replay(
  { clock, collection, states }: { clock: Clock; collection: Collection; states: readonly PartitionState[] },
  request: ReadRequest,
): Promise<Replayed> {
  const sides = [oneSided(collection, states, 'source'), oneSided(collection, states, 'target')] as const
  const ask = async (): Promise<Pair> => {
    // First the source: a write that reaches the target before the source is never seen from behind.
    const source = await answerOf(sides[0], collection.name, request)
    return { source, target: await answerOf(sides[1], collection.name, request) }
  }
  try {
    let pair = await ask()
    let stands = false
    for (const pauseMs of PAUSES_MS) {
      if (isAlike(pair)) return { kind: 'alike', withRecords: showsRecords(pair.source) }
      await clock.sleep(pauseMs)
      const next = await ask()
      stands = same(pair.source, next.source) && same(pair.target, next.target)
      pair = next
    }
    if (isAlike(pair)) return { kind: 'alike', withRecords: showsRecords(pair.source) }
    if (!stands || !(await mayBeJudged(pair, request, { clock, collection, states }))) return { kind: 'inconclusive' }
    return different(pair, request)
  } catch (error) {
    if (error instanceof CutoverError && PASSING.includes(error.code)) return { kind: 'inconclusive' }
    throw error
  }
}

interface Pair {
  source: Answer
  target: Answer
}

/** Asked again, each after this long. */
const PAUSES_MS = [40, 160, 400]
const PASSING: readonly string[] = ['unavailable', 'contended']

function isAlike({ source, target }: Pair): boolean {
  return answerDifferences(source, target).kinds.length === 0
}

function same(a: Answer, b: Answer): boolean {
  return a.status === b.status && a.code === b.code && a.etag === b.etag && jsonEqual(a.body, b.body)
}

function showsRecords({ status, body, etag }: Answer): boolean {
  if (etag !== null) return true
  const items = typeof body === 'object' && body !== null && 'items' in body ? body.items : null
  return status === 200 && Array.isArray(items) && items.length > 0
}

/** Whether the stage wants the records that the answers are about to be alike in both stores now. */
async function mayBeJudged(
  pair: Pair,
  { path }: ReadRequest,
  { clock, collection, states }: Parameters<typeof replay>[0],
): Promise<boolean> {
  const ids = path === '' ? idsThatDiffer(pair.source, pair.target) : [decodeURIComponent(path.slice(1))]
  const known = ids.filter((id) => faultOfId(id) === null).slice(0, IDS_MAX)
  const located = known.map((id) => ({ id, state: locate(collection, states, id).state }))
  const examined = await examine({ clock, diff: { hideValues: true }, help: false }, await lookAt(located))
  return examined.every(({ verdict }) => verdict.kind !== 'inconclusive')
}

/** As many as a page of each can hold. */
const IDS_MAX = 400

function different({ source, target }: Pair, request: ReadRequest): Replayed {
  const { kinds, paths } = answerDifferences(source, target)
  const example: Json = {
    request: { ...request },
    differsIn: kinds,
    paths,
    source: { status: source.status, code: source.code },
    target: { status: target.status, code: target.code },
  }
  return { kind: 'different', kinds, example }
}
