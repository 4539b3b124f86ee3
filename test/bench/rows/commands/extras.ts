import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from '../../../../lib/core/stage.js'
import { redisClient } from '../../../../lib/drivers/redis/client.js'
import type { Wired } from '../../../../lib/wire.js'
import { COLLECTION, type Deployment, idOf, recordOf } from '../../parts/deployment.js'
import type { Cost, Trace } from '../../parts/trace.js'
import type { Figure } from '../../row.js'
import { ready } from './operations.js'
import { isWithin, shown, TABLE } from './table.js'

export interface Bench {
  deployment: Deployment
  /** The instance that is measured. */
  wired: Wired
  trace: Trace
  /** Watches another instance as well, until it is closed. */
  watch(wired: Wired): Trace
  /** Each record is used once. */
  nextRecord(): number
}

/** What is not of every operation: what happens once, now and then, or after a fault. */
export async function extrasAt(stage: Stage, bench: Bench): Promise<Figure[]> {
  switch (stage) {
    case 'shadow':
      return [await withKey(stage, bench), await leaseRenewal(stage, bench), await comparison(stage, bench)]
    case 'live':
      return [
        await withKey(stage, bench),
        await leaseRenewal(stage, bench),
        await comparison(stage, bench),
        await openCopy(bench),
      ]
    case 'rampdown':
      return [await withKey(stage, bench), await comparison(stage, bench)]
    case 'complete':
      return [
        await withKey(stage, bench),
        await readsOfOneTick(bench),
        await flushOfCounts(bench),
        ...(await unknownScript(bench)),
      ]
    default:
      return []
  }
}

/** `table: null`: shown only. */
function figureOf(what: string, ours: Cost, table: Cost | null): Figure {
  const met = table === null ? null : isWithin(ours, table)
  return { what, figure: shown(ours), against: table === null ? null : shown(table), ratio: null, met, counted: true }
}

const NONE = { commands: 0, requests: 0, gets: 0, puts: 0 }
const ONE_COMMAND = { ...NONE, commands: 1, requests: 1 }

/** Where numbering changed hands less than 20 minutes ago the other store may remember the key, and is asked. */
async function withKey(stage: Stage, { wired, trace, nextRecord }: Bench): Promise<Figure> {
  const number = nextRecord()
  const operation = { op: `${randomUUID()}.print`, startedAt: Date.now(), named: true }
  const mutation = { kind: 'put' as const, value: recordOf(number, 300) }
  const ours = await trace.costOf(() => wired.dataPlane.write(COLLECTION, idOf(number), operation, mutation))
  const what = `put with an Idempotency-Key, in the 20 minutes after numbering has changed hands, ${stage}`
  return { ...figureOf(what, ours, null), against: `later ${shown(TABLE[stage].put)}` }
}

const LEASE_MS = 100

/** Once in a lease an instance asks the store that does not serve its reads whether it is still in the same stage. */
async function leaseRenewal(stage: Stage, { deployment, watch, nextRecord }: Bench): Promise<Figure> {
  const wired = await deployment.instance({ CUTOVER_LEASE_MS: String(LEASE_MS) })
  const trace = watch(wired)
  await trace.costOf(await ready(wired, 'put', nextRecord()))
  await sleep(2 * LEASE_MS)
  const ours = await trace.costOf(await ready(wired, 'read', nextRecord()))
  trace.close()
  return figureOf(`read that renews the lease, once in CUTOVER_LEASE_MS, ${stage}`, ours, null)
}

/** A share of the reads, by default one of 100, is compared with the other store after its answer. */
async function comparison(stage: Stage, { deployment, watch, nextRecord }: Bench): Promise<Figure> {
  const wired = await deployment.instance({ CUTOVER_COMPARE_SHARE: '1' })
  const trace = watch(wired)
  await trace.costOf(await ready(wired, 'put', nextRecord()))
  const ours = await trace.costOf(await ready(wired, 'read', nextRecord()))
  trace.close()
  return figureOf(`read that is compared, one of 100, ${stage}`, ours, null)
}

const FLUSH_MS = 50

async function flushOfCounts({ deployment, watch, nextRecord }: Bench): Promise<Figure> {
  const wired = await deployment.instance({ CUTOVER_METER_FLUSH_MS: String(FLUSH_MS) })
  const trace = watch(wired)
  await trace.costOf(await ready(wired, 'read', nextRecord()))
  await sleep(2 * FLUSH_MS)
  const ours = await trace.costOf(await ready(wired, 'read', nextRecord()))
  trace.close()
  const table = { trips: 1, before: ONE_COMMAND, after: ONE_COMMAND }
  return figureOf('read after which the traffic counts are written, once in CUTOVER_METER_FLUSH_MS', ours, table)
}

/** As a page that shows several records asks for them. */
async function readsOfOneTick({ wired, trace, nextRecord }: Bench): Promise<Figure> {
  const reads = await Promise.all(Array.from({ length: 64 }, () => ready(wired, 'read', nextRecord())))
  const ours = await trace.costOf(() => Promise.all(reads.map((read) => read())))
  return figureOf('64 reads of one tick, complete', ours, TABLE.complete.read)
}

/** A writer fails between the target's number and the source's confirmation; a reader finishes its work. */
async function openCopy({ wired, trace, nextRecord }: Bench): Promise<Figure> {
  const number = nextRecord()
  trace.refusePuts(true)
  await (await ready(wired, 'put', number))().catch(() => {})
  trace.refusePuts(false)
  const ours = await trace.costOf(await ready(wired, 'read', number))
  const table = { trips: 3, before: { ...ONE_COMMAND, gets: 1, puts: 1 }, after: ONE_COMMAND }
  return figureOf('read of a copy that the source lacks, live', ours, table)
}

/** Redis forgets its scripts when it starts again. */
async function unknownScript({ wired, trace, nextRecord, deployment }: Bench): Promise<Figure[]> {
  await redisClient(deployment.stack.redis).command(['SCRIPT', 'FLUSH'])
  const first = await trace.costOf(await ready(wired, 'put', nextRecord()))
  const second = await trace.costOf(await ready(wired, 'put', nextRecord()))
  const table = { trips: 2, before: { ...NONE, commands: 2, requests: 2 }, after: NONE }
  return [
    figureOf('first put after Redis has forgotten the script: EVALSHA and EVAL, complete', first, table),
    figureOf('the next put, complete', second, TABLE.complete.put),
  ]
}
