import { setTimeout as after } from 'node:timers/promises'
import type { Stage } from '../../../lib/core/stage.js'
import { UNDER_WAY_MAX } from '../../../lib/engine/data-plane/afterwards.js'
import { COMPARISONS_MAX } from '../../../lib/engine/validate/sample.js'
import { HUNG_MS, IDS, later, type OnHungStore, onHungStore } from '../parts/hung-store.js'
import { type LaunchDarkly, LD_STAGES, launchDarkly } from '../parts/launchdarkly.js'
import { median, percentile } from '../parts/sample.js'
import type { Figure, Measured, Row, Setting } from '../row.js'

export const row: Row = {
  number: 5,
  work: 'a hung second store (10 s) in off, dualwrite, shadow and live with every read compared, rampdown',
  against:
    'the migration wrapper of @launchdarkly/node-server-sdk, which calls both stores in shadow, live and in writes',
  goal: "adds at most 1 ms to the caller's p99 of reads, and of writes that are acknowledged by one store",
  run,
}

const GOAL_MS = 1
const LEASE_MS = 5_000
/** The store that the stage can do without, for a read. */
const SECOND: [Stage, 'source' | 'target'][] = [
  ['off', 'target'],
  ['dualwrite', 'target'],
  ['shadow', 'target'],
  ['live', 'source'],
  ['rampdown', 'source'],
]

interface Extent {
  calls: number
  rounds: number
  /** What has not answered by then is not waited for any longer. */
  boundMs: number
}

async function run({ size, tell }: Setting): Promise<Measured> {
  const extent =
    size === 'full' ? { calls: 2_000, rounds: 7, boundMs: 2_000 } : { calls: 1_200, rounds: 2, boundMs: 200 }
  const ld = await launchDarkly(false)
  const figures: Figure[] = []
  try {
    for (const [stage, slow] of SECOND) {
      for (const operation of ['read', 'write'] as const) {
        const plane = onHungStore(stage, slow, LEASE_MS)
        const ours = await added((id) => plane[operation](id), plane.hang, extent)
        const theirs = await theirsAdded(ld, stage, slow, operation, extent)
        const both = operation === 'write' && (stage === 'shadow' || stage === 'live')
        figures.push(figureOf(`${operation}, ${stage}, ${slow} hangs`, ours, theirs, both ? null : ours <= GOAL_MS))
        if (!both) figures.push(pileOf(`${operation}, ${stage}: work after answers under way`, plane))
        tell(`${operation}, ${stage}: ${textOf(ours)}`)
      }
    }
    for (const [stage, slow] of SECOND.slice(2, 4)) {
      const figure = await leaseOver(onHungStore(stage, slow, 100), extent)
      figures.push(figureOf(`read, ${stage}, ${slow} hangs, lease run out`, figure, null, null))
    }
  } finally {
    await ld.close()
  }
  return { configuration: configurationOf(extent), figures, notes: NOTES }
}

function configurationOf({ calls, rounds, boundMs }: Extent): string[] {
  return [
    `Stores: a Map each; every answer of the second one takes ${HUNG_MS / 1_000} s while it hangs. Leases of 5 s, as by default; every read in dualwrite to rampdown is compared afterwards (a share of 1).`,
    `${calls} calls, one after another, with the store healthy and hanging in turn, ${rounds} rounds; the median of the differences of the 99th percentiles. A call that has not answered after ${boundMs} ms is not waited for.`,
    'LaunchDarkly: concurrent execution, events off, the same Maps.',
  ]
}

const NOTES = [
  'Writes in shadow and live are acknowledged by both stores, so they cannot be faster than the slower one. Over Redis each of three sendings is given up after 2 s; then the answer is 503, and the watch leaves the hung store behind.',
  'A single-store read in shadow and live must have seen the other store within the lease (5 s by default, none with CUTOVER_LEAVE_BEHIND=0): while the store hangs, reads are as fast as ever until then; after that they wait for it, and fail, until the watch has left it behind.',
  'Work after answers is bounded: what is not begun is left to the next pass (copies), or not compared.',
]

/** Milliseconds that a hanging store adds at the 99th percentile. */
async function added(
  call: (id: string) => Promise<unknown>,
  hang: (hung: boolean) => void,
  { calls, rounds, boundMs }: Extent,
): Promise<number> {
  const differences: number[] = []
  for (let round = 0; round <= rounds; round++) {
    hang(false)
    const healthy = await p99(call, calls, boundMs)
    hang(true)
    const hung = await p99(call, calls, boundMs)
    if (hung >= boundMs) return boundMs
    if (round > 0) differences.push(hung - healthy)
  }
  hang(false)
  return median(differences)
}

/** At the first call that does not answer in time it ends: there is no better figure than the bound. */
async function p99(call: (id: string) => Promise<unknown>, calls: number, boundMs: number): Promise<number> {
  const times: number[] = []
  const waited = new AbortController()
  const over = after(boundMs, 'over' as const, { signal: waited.signal }).catch(() => 'over' as const)
  for (let at = 0; at < calls; at++) {
    const began = performance.now()
    const answer = call(IDS[at % IDS.length] ?? '').catch(() => 'failed')
    if ((await Promise.race([answer, over])) === 'over') return boundMs
    times.push(performance.now() - began)
  }
  waited.abort()
  return percentile(times, 0.99)
}

async function leaseOver(plane: OnHungStore, { boundMs }: Extent): Promise<number> {
  await plane.read('record-0')
  await after(150)
  plane.hang(true)
  return await p99((id) => plane.read(id), 1, boundMs)
}

async function theirsAdded(
  ld: LaunchDarkly,
  stage: Stage,
  slow: 'source' | 'target',
  operation: 'read' | 'write',
  extent: Extent,
): Promise<number> {
  let hung = false
  const of = (store: 'source' | 'target') => () => {
    const answer = { success: true as const, result: store }
    return hung && store === slow ? later(answer) : Promise.resolve(answer)
  }
  const [old, fresh] = [of('source'), of('target')]
  const migration = ld.migration({ readOld: old, readNew: fresh, writeOld: old, writeNew: fresh })
  const call = (id: string) => migration[operation](stage, { kind: 'user', key: 'user-1' }, LD_STAGES.off, id)
  return await added(
    call,
    (now) => {
      hung = now
    },
    extent,
  )
}

function pileOf(what: string, plane: OnHungStore): Figure {
  const most = plane.mostUnderWay()
  const limit = UNDER_WAY_MAX + COMPARISONS_MAX + 1
  return { what, figure: `${most} at most`, against: `${limit}`, ratio: null, met: most <= limit, counted: true }
}

function figureOf(what: string, ours: number, theirs: number | null, met: boolean | null): Figure {
  const against = theirs === null ? null : textOf(theirs)
  return { what, figure: textOf(ours), against, ratio: null, met, counted: false }
}

function textOf(ms: number): string {
  return ms >= 100 ? `${Math.round(ms)} ms and more` : `${ms.toFixed(3)} ms added`
}
