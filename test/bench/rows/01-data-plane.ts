import { STAGES } from '../../../lib/core/stage.js'
import { importBuilt } from '../parts/built.js'
import { launchDarkly } from '../parts/launchdarkly.js'
import type { Figure, Measured, Row, Setting } from '../row.js'

export const row: Row = {
  number: 1,
  work: 'data-plane overhead per read and write in every stage, trivial in-memory stores',
  against: 'bare calls, and the migration wrapper of @launchdarkly/node-server-sdk with TestData',
  goal: "at most 1/5 of LaunchDarkly's added time",
  run,
}

const GOAL = 0.2
const OVERHEAD = new URL('../parts/overhead.ts', import.meta.url)

async function run({ size, tell }: Setting): Promise<Measured> {
  const { rounds, calls } = size === 'full' ? { rounds: 15, calls: 4_000 } : { rounds: 2, calls: 400 }
  const { measure } = await importBuilt<typeof import('../parts/overhead.js')>(OVERHEAD)
  const off = await launchDarkly(false)
  const on = await launchDarkly(true)
  const figures: Figure[] = []
  try {
    for (const operation of ['read', 'write'] as const) {
      for (const stage of STAGES) {
        const added = await measure({ operation, stage, off, on, rounds, calls })
        figures.push(figureOf(`${operation}, ${stage}, their events off`, added.ours, added.off))
        figures.push(figureOf(`${operation}, ${stage}, their events on`, added.ours, added.on))
        tell(`${operation}, ${stage}: ${Math.round(added.ours)} ns`)
      }
    }
  } finally {
    await Promise.all([off.close(), on.close()])
  }
  return { configuration: configurationOf(rounds, calls), figures, notes: NOTES }
}

function configurationOf(rounds: number, calls: number): string[] {
  return [
    'Stores: a Map each with 64 records, answers as promises that are already resolved, a fence that never changes.',
    'Ours: the data plane as it is wired in production: metered, with leases of 5 s, work after the answer included; no sampled comparison.',
    'LaunchDarkly: a flag a stage from TestData, one context, concurrent execution, latency and error tracking as by default, no consistency check; events off, and on (sent to a server on loopback that throws them away, outside the measured time).',
    'Each is given functions of its own shape over the same Map. Its added time is what the calls take through it, less what bare calls of the same functions take: one awaited call, `Promise.all` of two where two stores take part in the operation.',
    `Loops of ${calls} awaited calls, in turn, ${rounds} rounds after one that does not count; medians of the rounds' differences in processor time.`,
  ]
}

const NOTES = [
  'Ours checks the id and the value, compares the fence, gives a version and an ETag, and in dualwrite, shadow, live and rampdown brings the copy to the other store or settles it, within the time shown. LaunchDarkly evaluates a flag and calls one or two functions.',
  'A write in off and dualwrite reads the source before its compare-and-swap: that read is within our added time, though it is a call to a store.',
  'Where it is missed: by the profile no part stands out any more. Of a write about a fifth is garbage collection of what its promises, generators and requests leave behind, a tenth the walk over the value, which LaunchDarkly does not look at, and the rest is spread over three promises and four to six generators a write; a read has three promises and three to five generators.',
]

function figureOf(what: string, ours: number, theirs: number): Figure {
  const ratio = ours / theirs
  return {
    what,
    figure: `${Math.round(ours)} ns added`,
    against: `${Math.round(theirs)} ns added`,
    ratio,
    met: ratio <= GOAL,
    counted: false,
  }
}
