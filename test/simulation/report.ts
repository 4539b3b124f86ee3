import type { Counts, Outcome } from './play.js'
import type { Shrunk } from './shrink.js'

/** What many histories came to. */
export interface Totals {
  histories: number
  operations: number
  counts: { -readonly [name in keyof Counts]?: number }
}

export function noTotals(): Totals {
  return { histories: 0, operations: 0, counts: {} }
}

export function addTo(totals: Totals, { operations, counts }: Pick<Outcome, 'operations' | 'counts'>): void {
  totals.histories += 1
  totals.operations += operations
  for (const [name, count] of Object.entries(counts) as [keyof Counts, number][])
    totals.counts[name] = (totals.counts[name] ?? 0) + count
}

/** Not mischief: what the histories held beside it. */
const ORDINARY: readonly (keyof Counts)[] = ['stageChanges', 'runs', 'ticks']

export function mishapsIn({ counts }: Totals): number {
  const entries = Object.entries(counts) as [keyof Counts, number][]
  return entries.reduce((sum, [name, count]) => sum + (ORDINARY.includes(name) ? 0 : count), 0)
}

export function summaryText(totals: Totals, seconds: number, workers: number): string {
  const rate = seconds === 0 ? 0 : totals.histories / seconds
  const entries = Object.entries(totals.counts) as [keyof Counts, number][]
  const rows = entries.sort(([, a], [, b]) => b - a).map(([name, count]) => `  ${name.padEnd(18)}${figure(count)}`)
  return [
    `${figure(totals.histories)} histories, ${figure(totals.operations)} operations, ${figure(mishapsIn(totals))} faults injected,` +
      ` in ${seconds.toFixed(1)} s (${rate.toFixed(1)} histories/s, ${workers} workers)`,
    ...rows,
  ].join('\n')
}

export function figure(count: number): string {
  return count.toLocaleString('en')
}

/** A failing seed, with the smallest history that fails as it does, and how to play both again. */
export function failureText(seed: number, { scenario, outcome, replays, complete, was, is }: Shrunk): string {
  const left = complete ? 'nothing more can be left out' : 'the search was stopped'
  return [
    `Seed ${seed} fails. Shrunk in ${replays} replays from ${was.operations} operations and ${was.mishaps} injected faults` +
      ` to ${is.operations} and ${is.mishaps}; ${left}:`,
    '',
    ...shortened(outcome.trace),
    '',
    ...outcome.faults,
    '',
    'Play what was shrunk again, with every line in full:',
    `  npm run simulate -- --scenario '${JSON.stringify(scenario)}'`,
    `Play the whole history of the seed:`,
    `  npm run simulate -- --seed ${seed}${scenario.target === 'redis' ? ' --target redis' : ''}`,
  ].join('\n')
}

/** A trace for reading: fences by their epochs and stages, documents in one line, long lines and early ones cut off. */
function shortened(trace: readonly string[]): string[] {
  const left = trace.length - LINES_MAX
  const lines = trace.slice(-LINES_MAX).map((line) => {
    const flat = line.replaceAll('\\"', '"').replace(/\n|\\n/g, ' ')
    const short = flat.replace(EARLIER, '').replace(FENCE, (_, epoch: string, ranges: string) => {
      const stages = [...ranges.matchAll(/"stage":"(\w+)"/g)].map(([, stage]) => stage)
      return `<fence ${epoch} ${stages.join(' ')}>`
    })
    return short.length > LINE_MAX ? `${short.slice(0, LINE_MAX)} [...]` : short
  })
  return left > 0 ? [`(${left} lines before)`, ...lines] : lines
}

const FENCE = /\{"epoch":(\d+),"ranges":\[([^\]]*)\]\}/g
/** Decisions before the latest: they were traced when they came. */
const EARLIER = /,"earlier":\[[^\]]*\]/g
const LINES_MAX = 1_000
const LINE_MAX = 400
