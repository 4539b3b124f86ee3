import { columns } from '../../lib/cli/text.js'
import type { Ordeal } from './soak.js'
import type { StageTally } from './tally.js'

/** What the clients counted, and what was compared at the end. */
export interface Report {
  ok: boolean
  records: number
  acknowledgedWrites: number
  reads: number
  /** Answers that say no and are right: a condition that does not hold, a record that is not there. */
  refusals: number
  lostWrites: number
  staleReads: number
  failedCalls: number
  reconnects: number
  /** Records that are not what they should be: in the sweeps, in the validation runs, in the exports. */
  mismatches: number
  /** Keys in Redis beside the application's after the clean-up; `null`: nothing was cleaned up (--keep). */
  foreignKeys: number | null
  /** Requests that HTTP clients sent again under their Idempotency-Key. */
  repeats: number
  zeroLoss: { collection: string; proved: boolean; because: string[] }[]
  stages: StageTally[]
  rollbacks: number
  /** With --soak: each harm, and what came of it; and the calls that failed while it lasted. */
  ordeals?: Ordeal[]
  excusedFailures?: number
  instances: { replaced: number; killed: number }
  clients: string[]
  seed: number
  durationMs: number
}

/** Nothing lost, stale, failed, different, cut off or left behind. */
export function isOk(report: Omit<Report, 'ok'>): boolean {
  const { lostWrites, staleReads, failedCalls, reconnects, mismatches, foreignKeys, zeroLoss } = report
  const faults = lostWrites + staleReads + failedCalls + reconnects + mismatches + (foreignKeys ?? 0)
  const endured = (report.ordeals ?? []).every(({ seconds, why }) => seconds !== null && why !== null)
  return endured && faults === 0 && zeroLoss.length > 0 && zeroLoss.every(({ proved }) => proved)
}

export function reportText(report: Report): string {
  const stages = report.stages.map(({ name, rolloutPercent, note, startedAt, endedAt, reads, writes, servedBy }) => [
    `${name}${rolloutPercent === 100 ? '' : ` ${rolloutPercent} %`}${note === null ? '' : ` (${note})`}`,
    `${((Date.parse(endedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s`,
    String(reads),
    String(writes),
    String(servedBy.source ?? 0),
    String(servedBy.target ?? 0),
  ])
  const head = ['stage', 'time', 'reads', 'writes', 'from source', 'from target']
  const facts: [string, string | number][] = [
    ['records at the start', report.records],
    ['clients', report.clients.length],
    ['instances replaced, killed', `${report.instances.replaced}, ${report.instances.killed}`],
    ['rollbacks', report.rollbacks],
    ['acknowledged writes', report.acknowledgedWrites],
    ['reads', report.reads],
    ['correct refusals', report.refusals],
    ['requests repeated by HTTP clients', report.repeats],
    ['lost writes', report.lostWrites],
    ['stale reads', report.staleReads],
    ['failed calls', report.failedCalls],
    ['reconnects', report.reconnects],
    ['mismatches', report.mismatches],
    ['foreign keys in Redis', report.foreignKeys ?? 'not cleaned up'],
    ['duration', `${(report.durationMs / 1000).toFixed(1)} s`],
  ]
  const proofs = report.zeroLoss.map(
    ({ collection, proved, because }) =>
      `${collection}: ${proved ? 'no loss, because' : 'NOT proved:'} ${because.join(' ')}`,
  )
  return [
    ...columns([head, ...stages], new Set([1, 2, 3, 4, 5])),
    '',
    ...columns(
      facts.map(([name, value]) => [name, String(value)]),
      new Set([1]),
    ),
    '',
    ...proofs,
    '',
    report.ok ? 'OK: nothing was lost, stale, failed or left behind.' : 'NOT OK: see above.',
    '',
  ].join('\n')
}
