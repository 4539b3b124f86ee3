import { answerDifferences, type Compared } from '../../core/checkpoint/answers.js'
import { type AnswersFound, NOTHING_ANSWERED } from '../../core/checkpoint/weigh-answers.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { Ledger } from '../../ports/ledger.js'

/**
 * Answers of two running systems to the same requests, told by whoever has asked both: for components that a flag
 * switches, which cutover itself cannot ask. They are compared as they arrive; what is kept is how many were alike, in
 * what the others differ, and of a few of them the request's path and the places that differ. No body is kept.
 *
 * Counts are kept by the hour for two days. A report that is sent twice counts twice.
 */
export interface ReportedPair {
  /** Method and path; a query is not kept. */
  request: { method: string; path: string }
  legacy: Reported
  new: Reported
}

export interface Reported {
  status: number
  etag?: string | null | undefined
  body?: Json | undefined
}

interface Hour {
  hour: number
  found: AnswersFound
}

const HOURS_KEPT = 48
const HOUR_MS = 3_600_000
const EXAMPLES_MAX = 20
const ATTEMPTS_MAX = 20
const PREFIX = 'compared'

/** Compares and counts; answers what these pairs came to. Throws `contended` if it could not be kept. */
export async function recordComparisons(
  ledger: Ledger,
  component: string,
  pairs: readonly ReportedPair[],
  now: number,
): Promise<AnswersFound> {
  const found = pairs.map(judged).reduce(sum, NOTHING_ANSWERED)
  const hour = Math.floor(now / HOUR_MS)
  const key = `${PREFIX}/${component}/${String(hour % HOURS_KEPT).padStart(2, '0')}`
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await ledger.read(key)
    const kept = held === null ? null : (held.value as unknown as Hour)
    const before = kept?.hour === hour ? kept.found : NOTHING_ANSWERED
    const value = { hour, found: sum(before, found) } as unknown as Json
    if ((await ledger.commit([{ key, ifRevision: held?.revision ?? null, value }])).kind === 'committed') return found
  }
  throw new CutoverError('contended', 'Too many comparisons are reported at once. Send them again.')
}

/** Everything that was reported of a component in the hours that begin at `since` or later, or hold it. */
export async function comparisonsSince(ledger: Ledger, component: string, since: number): Promise<AnswersFound> {
  const { items } = await ledger.list(`${PREFIX}/${component}/`, null, HOURS_KEPT)
  const hours = items.map(({ value }) => value as unknown as Hour)
  return hours
    .filter(({ hour }) => hour >= Math.floor(since / HOUR_MS))
    .map(({ found }) => found)
    .reduce(sum, NOTHING_ANSWERED)
}

function judged({ request, legacy, new: entered }: ReportedPair): AnswersFound {
  const { kinds, paths } = answerDifferences(answerOf(legacy), answerOf(entered))
  const one = { ...NOTHING_ANSWERED, compared: 1, withRecords: 1, recorded: 1 }
  if (kinds.length === 0) return one
  const [path = ''] = request.path.split(/[?#]/)
  const example: Json = {
    request: { method: request.method, path },
    differsIn: kinds,
    paths,
    legacy: { status: legacy.status },
    new: { status: entered.status },
  }
  return { ...one, different: 1, differences: Object.fromEntries(kinds.map((kind) => [kind, 1])), examples: [example] }
}

/** Two systems number versions each in its own way: of an ETag it counts whether there is one. */
function answerOf({ status, etag = null, body = null }: Reported): Compared {
  return { status, code: null, etag: etag === null ? null : 'present', body }
}

function sum(a: AnswersFound, b: AnswersFound): AnswersFound {
  const differences = { ...a.differences }
  for (const [kind, count] of Object.entries(b.differences)) {
    const name = kind as keyof typeof differences
    differences[name] = (differences[name] ?? 0) + count
  }
  return {
    compared: a.compared + b.compared,
    withRecords: a.withRecords + b.withRecords,
    different: a.different + b.different,
    inconclusive: a.inconclusive + b.inconclusive,
    recorded: a.recorded + b.recorded,
    differences,
    examples: [...a.examples, ...b.examples].slice(0, EXAMPLES_MAX),
  }
}
