import { setImmediate } from 'node:timers/promises'
import type { DataPlane } from '../../../lib/core/data-plane.js'
import type { Stage } from '../../../lib/core/stage.js'
import { systemClock } from '../../../lib/drivers/clock.js'
import { dataPlane } from '../../../lib/engine/data-plane/data-plane.js'
import { metered } from '../../../lib/engine/data-plane/metered.js'
import { recorder } from '../../../lib/engine/metrics/recorder.js'
import { fenceOf } from './hung-store.js'
import { type LaunchDarkly, LD_STAGES } from './launchdarkly.js'
import { type MapStores, mapStores } from './map-stores.js'
import { inTurn, median } from './sample.js'

const LEASE_MS = 5_000
/** Few enough to stay in the processor's cache: how long a record takes to come from memory is nobody's overhead. */
const RECORDS = 64
const VALUE = { name: 'Nebula', state: 'active', members: 12, tags: ['a', 'b'], owner: { id: 'u-1' } }
const CONTEXT = { kind: 'user', key: 'user-1' }

export interface Case {
  operation: 'read' | 'write'
  stage: Stage
  off: LaunchDarkly
  on: LaunchDarkly
  rounds: number
  calls: number
}

/** Nanoseconds an operation, added by each. */
export async function measure({ operation, stage, off, on, rounds, calls }: Case) {
  const ids = Array.from({ length: RECORDS }, (_, at) => `record-${at}`)
  const ours = oursOf(stage, ids, operation)
  const theirs = theirsOf(stage, ids, operation)
  const timed = (call: (id: string) => Promise<unknown>) => () => nsPerCall(ids, calls, call)
  const through = (ld: LaunchDarkly) => {
    const migration = ld.migration(theirs.calls)
    const time = timed((id) => migration[operation](stage, CONTEXT, LD_STAGES.off, id))
    return async () => {
      const figure = await time()
      await ld.flush()
      return figure
    }
  }
  const times = await inTurn(
    {
      ourBare: timed(ours.bare),
      ours: timed(ours.call),
      theirBare: timed(theirs.bare),
      off: through(off),
      on: through(on),
    },
    rounds,
  )
  const added = (of: number[], bare: number[]) => median(of.map((time, round) => time - (bare[round] ?? Number.NaN)))
  return {
    ours: added(times.ours, times.ourBare),
    off: added(times.off, times.theirBare),
    on: added(times.on, times.theirBare),
  }
}

/**
 * Processor time of the whole process: what others run on this machine, and waiting for them, is not in it. No garbage
 * is collected beforehand by force, for that throws compiled code away with it.
 */
async function nsPerCall(
  ids: readonly string[],
  calls: number,
  call: (id: string) => Promise<unknown>,
): Promise<number> {
  await setImmediate() // what the last loop left behind is done
  const began = process.cpuUsage()
  for (let at = 0; at < calls; at++) await call(ids[at % ids.length] ?? '')
  const { user, system } = process.cpuUsage(began)
  return ((user + system) * 1_000) / calls
}

interface Contender {
  call(id: string): Promise<unknown>
  bare(id: string): Promise<unknown>
}

function oursOf(stage: Stage, ids: readonly string[], operation: 'read' | 'write'): Contender {
  const fence = fenceOf(stage)
  const stores = mapStores(fence, ids, LEASE_MS)
  const plane = planeOf(stores)
  if (operation === 'read') {
    const store = READS_TARGET.has(stage) ? stores.target : stores.source
    return { call: (id) => plane.get('projects', id), bare: (id) => store.get(id) }
  }
  let count = 0
  const operationOf = () => {
    count += 1
    return { op: `op-${count}`, startedAt: 1_750_000_000_000, named: false }
  }
  const { source, target } = stores
  const mutation = { kind: 'put' as const, value: VALUE }
  const cas = (id: string) => source.cas(fence, { id, base: 0, op: operationOf().op, named: false, value: VALUE })
  const begin = (id: string) =>
    target.begin(fence, { id, op: operationOf().op, startedAt: 0, value: VALUE, fenceExpected: true })
  const copy = { version: 1, op: 'op', value: VALUE }
  const bare: { [stage in Stage]: Contender['bare'] } = {
    off: cas,
    dualwrite: (id) => Promise.all([cas(id), target.applyMany(fence, [{ id, copy }])]),
    shadow: (id) => Promise.all([begin(id), source.apply(fence, id, copy)]),
    live: (id) => Promise.all([begin(id), source.apply(fence, id, copy)]),
    rampdown: (id) => Promise.all([begin(id), source.apply(fence, id, copy)]),
    complete: begin,
  }
  return { call: (id) => plane.write('projects', id, operationOf(), mutation), bare: bare[stage] }
}

const READS_TARGET: ReadonlySet<Stage> = new Set(['live', 'rampdown', 'complete'])

function planeOf({ collection }: MapStores): DataPlane {
  const background = (work: Promise<unknown>): void => void work.catch(() => {})
  const metrics = recorder({
    metrics: async () => ({ add: async () => {} }),
    clock: systemClock,
    background,
    flushMs: 10_000,
    bucketMs: 10_000,
  })
  const plane = dataPlane([collection], { clock: systemClock, background, report: () => {} })
  return metered(plane, { recorder: metrics, clock: systemClock })
}

/** The same Map work in functions of their shape. */
function theirsOf(stage: Stage, ids: readonly string[], operation: 'read' | 'write') {
  const old = new Map<string, unknown>(ids.map((id) => [id, VALUE]))
  const fresh = new Map(old)
  const success = <T>(result: T) => ({ success: true as const, result })
  const readOld = (id = '') => Promise.resolve(success(old.get(id)))
  const readNew = (id = '') => Promise.resolve(success(fresh.get(id)))
  const writeOld = (id = '') => Promise.resolve(success(old.set(id, VALUE).size as unknown))
  const writeNew = (id = '') => Promise.resolve(success(fresh.set(id, VALUE).size as unknown))
  const [first, second] = operation === 'read' ? [readOld, readNew] : [writeOld, writeNew]
  const both = (id: string) => Promise.all([first(id), second(id)])
  const reads = { off: first, dualwrite: first, shadow: both, live: both, rampdown: second, complete: second }
  const writes = { off: first, dualwrite: both, shadow: both, live: both, rampdown: both, complete: second }
  return {
    calls: { readOld, readNew, writeOld, writeNew },
    bare: (operation === 'read' ? reads : writes)[stage] as Contender['bare'],
  }
}
