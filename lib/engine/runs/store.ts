import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { type DeadLetter, isEnded, type Run } from '../../core/run.js'
import type { Change, Entry, Ledger } from '../../ports/ledger.js'

/** A run with the revision it was read at: whoever commits upon an older one is refused. */
export interface HeldRun {
  revision: number
  run: Run
}

export async function readRun(ledger: Ledger, id: string): Promise<HeldRun> {
  const held = await ledger.read(runKey(id))
  if (held === null) throw new CutoverError('not-found', `There is no run ${JSON.stringify(id)}.`)
  return { revision: held.revision, run: held.value as unknown as Run }
}

/** Replaces the run if nobody else has, together with `more`; `null` if somebody has. */
export async function commitRun(
  ledger: Ledger,
  held: HeldRun,
  run: Run,
  more: { changes?: Change[]; entries?: Entry[] } = {},
): Promise<HeldRun | null> {
  const change = { key: runKey(run.id), ifRevision: held.revision, value: run as unknown as Json }
  const answer = await ledger.commit([change, ...(more.changes ?? [])], more.entries)
  const revision = answer.kind === 'committed' ? answer.revisions[0] : undefined
  return revision === undefined ? null : { revision, run }
}

/** Changes a run, again from what is there when somebody else was faster. `change` answers `null` to leave it alone. */
export async function updateRun(
  ledger: Ledger,
  id: string,
  change: (run: Run) => { run: Run; entries?: Entry[] } | null,
): Promise<Run> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await readRun(ledger, id)
    const wanted = change(held.run)
    if (wanted === null) return held.run
    const committed = await commitRun(ledger, held, wanted.run, wanted.entries ? { entries: wanted.entries } : {})
    if (committed !== null) return committed.run
  }
  throw new CutoverError('contended', `The run ${id} is changed by too many at once. Try again.`)
}

const ATTEMPTS_MAX = 30

export function runKey(id: string): string {
  return `run/${id}`
}

/** The newest run of a kind on a collection. */
export function latestRunKey(collection: string, kind: Run['kind']): string {
  return `latest-run/${collection}/${kind}`
}

export interface LatestRun {
  runId: string
  /** The one of its kind before it, which has ended; absent: it was started when this was not kept. */
  before?: string | null
}

export async function latestRunId(ledger: Ledger, collection: string, kind: Run['kind']): Promise<LatestRun | null> {
  const latest = await ledger.read(latestRunKey(collection, kind))
  return latest === null ? null : (latest.value as unknown as LatestRun)
}

export async function latestRun(ledger: Ledger, collection: string, kind: Run['kind']): Promise<Run | null> {
  const latest = await latestRunId(ledger, collection, kind)
  return latest === null ? null : (await readRun(ledger, latest.runId)).run
}

export function deadLetterKey(collection: string, id: string): string {
  return `dead-letter/${collection}/${id}`
}

/** Changes that put dead letters on the list, or renew them. */
export async function deadLetterChanges(ledger: Ledger, letters: readonly DeadLetter[]): Promise<Change[]> {
  const changes: Change[] = []
  for (const letter of letters) {
    const key = deadLetterKey(letter.collection, letter.id)
    const held = await ledger.read(key)
    changes.push({ key, ifRevision: held?.revision ?? null, value: letter as unknown as Json })
  }
  return changes
}

export const PAGE = 200
const PAGES_MAX = 100

/** Runs, newest first. */
export async function listRuns(
  ledger: Ledger,
  query: { collection?: string | undefined; active: boolean; settled?: boolean; limit: number },
): Promise<Run[]> {
  const found: Run[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end } = await ledger.list('run/', after, PAGE)
    for (const { value } of items) {
      const run = value as unknown as Run
      if (query.collection !== undefined && run.collection !== query.collection) continue
      if (query.active && isEnded(run.status)) continue
      if (query.settled && run.status === 'running') continue
      found.push(run)
    }
    after = items.at(-1)?.key ?? null
    if (end || after === null) break
  }
  return found.sort((a, b) => b.createdAt - a.createdAt).slice(0, query.limit)
}
