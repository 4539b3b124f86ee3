import { type ReadRequest, readOf, requestKey } from '../../core/checkpoint/request.js'
import { type AnswersFound, NOTHING_ANSWERED, weighAnswers } from '../../core/checkpoint/weigh-answers.js'
import type { Json } from '../../core/json.js'
import { partitionStates } from '../data-plane/partition.js'
import { sideBySide } from '../side-by-side.js'
import { finished, isFinished } from '../validate/sight.js'
import { builtInRequests } from './built-in.js'
import type { Part } from './part.js'
import { recordedRequests } from './recorded.js'
import { replay } from './replay.js'

/** API compatibility of a collection: recorded and made-up requests, asked of the source alone and the target alone. */
export const apiPart: Part<'api-compatibility'> = async (parts, rule, work) => {
  const { context, collection, limit } = parts
  const states = partitionStates(collection)
  if (work === null) {
    const since = context.clock.now() - rule.minutes * 60_000
    const recorded = await recordedRequests(context.ledger, collection.name, since, rule.recordedMax)
    const builtIn = rule.builtIn ? await builtInRequests(collection, states, context.clock.id()) : []
    if (isFinished(states)) throw finished(collection)
    const begun: Work = { requests: chosen(recorded.map(readOf), builtIn), found: NOTHING_ANSWERED }
    return { kind: 'more', work: begun as unknown as Json, records: begun.requests.length, bytes: 0 }
  }
  const { requests, found } = work as unknown as Work
  const now = requests.slice(0, Math.min(limit, REQUESTS_AT_ONCE))
  const replaying = { clock: context.clock, collection, states }
  const answered = await sideBySide(now, ({ recorded: _, ...request }) => replay(replaying, request), SIDE_BY_SIDE)
  if (isFinished(states)) throw finished(collection)
  const tally = answered.reduce((sum, one, at) => counted(sum, one, now[at]?.recorded ?? false), found)
  const left = requests.slice(now.length)
  if (left.length === 0) return { kind: 'found', finding: weighAnswers(tally, rule), records: now.length }
  const next: Work = { requests: left, found: tally }
  return { kind: 'more', work: next as unknown as Json, records: now.length, bytes: 0 }
}

interface Work {
  requests: (ReadRequest & { recorded: boolean })[]
  found: AnswersFound
}

/** Requests of one step: one that has to be asked again takes most of a second. */
const REQUESTS_AT_ONCE = 40
const SIDE_BY_SIDE = 8
const EXAMPLES_MAX = 20

/** Each request once; those of real traffic first. */
function chosen(recorded: readonly ReadRequest[], builtIn: readonly ReadRequest[]): Work['requests'] {
  const once = new Map<string, Work['requests'][number]>()
  for (const request of recorded) once.set(requestKey(request), { ...request, recorded: true })
  for (const request of builtIn) {
    const key = requestKey(request)
    if (!once.has(key)) once.set(key, { ...request, recorded: false })
  }
  return [...once.values()]
}

function counted(found: AnswersFound, answered: Awaited<ReturnType<typeof replay>>, recorded: boolean): AnswersFound {
  if (answered.kind === 'inconclusive') return { ...found, inconclusive: found.inconclusive + 1 }
  const next = {
    ...found,
    compared: found.compared + 1,
    recorded: found.recorded + (recorded ? 1 : 0),
    withRecords: found.withRecords + (answered.kind === 'different' || answered.withRecords ? 1 : 0),
  }
  if (answered.kind === 'alike') return next
  const differences = { ...found.differences }
  for (const kind of answered.kinds) differences[kind] = (differences[kind] ?? 0) + 1
  const examples = [...found.examples, answered.example].slice(0, EXAMPLES_MAX)
  return { ...next, different: found.different + 1, differences, examples }
}
