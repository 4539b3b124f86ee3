import { columns } from '../../lib/cli/text.js'
import type { Ending } from './end.js'
import type { Course } from './operators.js'
import type { ChaosOptions } from './options.js'
import type { Recorded, Recorder } from './recorder.js'
import type { World } from './world.js'

export interface Report extends Recorded {
  ok: boolean
  seed: number
  seconds: number
  instances: number
  /** `null`: a lost store is never left behind. */
  leaseMs: number | null
  redis: string
  course: Course
  reconnects: number
  /** Events in the instances' logs, and requests that had to be made to the queue again. */
  events: { [event: string]: number }
  checked: { records: number; entries: number; notLinearizable: number }
  compared: { records: number; differences: number }
  runsEndedMs: number
  durationMs: number
}

export interface ReportParts {
  options: ChaosOptions
  world: World
  recorder: Recorder
  course: Course
  ending: Ending
  reconnects: number
  durationMs: number
}

export function reportOf({ options, world, recorder, course, ending, reconnects, durationMs }: ReportParts): Report {
  const { records, entries, faults } = recorder.judge()
  const recorded = recorder.read()
  const violations = [
    ...faults,
    ...ending.faults,
    ...recorded.violations,
    ...world.fleet.faults(),
    ...(reconnects === 0 ? [] : [`MCP clients lost their connection ${reconnects} times.`]),
  ]
  const { seed, seconds, instances, leaseMs } = options
  return {
    ok: violations.length === 0,
    seed,
    seconds,
    instances,
    leaseMs,
    redis: world.redis === null ? 'embedded, not killed' : 'redis-server, appendfsync always, killed',
    ...recorded,
    course,
    reconnects,
    events: world.fleet.events(),
    checked: { records, entries, notLinearizable: faults.length },
    compared: { records: ending.compared, differences: ending.faults.length },
    runsEndedMs: Math.round(ending.runsEndedMs),
    durationMs,
    violations,
  }
}

export function reportText(report: Report): string {
  const { operations, faults, course, latencyMs, checked, compared } = report
  const attempts = Object.entries(operations).map(([kind, { answered, refused, failed, unknown }]) =>
    [kind, answered, refused, failed, unknown].map(String),
  )
  const struck = Object.entries(faults)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { count, longestUnavailableMs }]) => [kind, String(count), `${longestUnavailableMs} ms`])
  const facts: [string, string | number][] = [
    ['seed, seconds, instances', `${report.seed}, ${report.seconds}, ${report.instances}`],
    ['Redis', report.redis],
    ['leaving lost stores behind', report.leaseMs === null ? 'off' : `on, lease ${report.leaseMs} ms`],
    ['latency p50, p99', `${latencyMs.p50} ms, ${latencyMs.p99} ms`],
    ['answers by stage and store', listed(report.origins)],
    ['stage changes', listed(course.moves)],
    ['rollbacks', course.rollbacks],
    ['runs', listed(course.runs)],
    ['refused verbs', listed(course.refusals)],
    ['events in the logs', listed(report.events)],
    ['MCP reconnects', report.reconnects],
    ['records, entries checked', `${checked.records}, ${checked.entries}`],
    ['not linearizable', checked.notLinearizable],
    ['records compared, faults at the end', `${compared.records}, ${compared.differences}`],
    ['duration', `${(report.durationMs / 1000).toFixed(1)} s`],
  ]
  return [
    ...columns([['attempts', 'answered', 'refused', 'failed', 'unknown'], ...attempts], new Set([1, 2, 3, 4])),
    '',
    ...columns([['fault', 'times', 'longest without an answer'], ...struck], new Set([1, 2])),
    '',
    ...columns(
      facts.map(([name, value]) => [name, String(value)]),
      new Set(),
    ),
    '',
    ...report.violations,
    report.ok ? 'OK: every history is that of one register, and both stores are equal.' : 'NOT OK: see above.',
    '',
  ].join('\n')
}

function listed(counts: { [name: string]: number }): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ')
}
