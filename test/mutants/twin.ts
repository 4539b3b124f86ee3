import type { Fence } from '../../lib/core/fence.js'
import { SLOTS } from '../../lib/core/slot.js'
import { systemClock } from '../../lib/drivers/clock.js'
import { redisClient } from '../../lib/drivers/redis/client.js'
import { memoryTarget } from '../../lib/drivers/stores/memory/target.js'
import { redisTarget } from '../../lib/drivers/stores/redis/target.js'
import type { TargetCollection } from '../../lib/ports/store.js'
import { type Random, randomOf } from '../simulation/random.js'

/**
 * Two targets that keep one contract: calls drawn by chance, few names and few numbers, each made to both. Any answer
 * that differs is a fault of one of them.
 */
export async function compare(
  seed: number,
  redis: { url: string; token: string },
  prefix: string,
): Promise<{ steps: number; fault: string } | null> {
  const random = randomOf(seed)
  const fixed = { collection: 'items', partitions: 1 }
  const twins = [
    memoryTarget({ ...fixed, clock: systemClock }),
    redisTarget({ ...fixed, client: redisClient({ ...redis, timeoutMs: 15_000 }), prefix }),
  ] as const
  const seen: Seen = { epoch: 1, versions: [0] }
  for (let step = 1; step <= CALLS_MAX; step++) {
    const { name, run } = draw(random, seen)
    const [right, mine] = await Promise.all(twins.map(run))
    note(right, seen)
    const [expected, found] = [JSON.stringify(right), JSON.stringify(mine)]
    if (expected !== found) return { steps: step, fault: `${name} answered ${found}, not ${expected}` }
  }
  return null
}

const CALLS_MAX = 120
const LATE_MS = 11 * 60_000

interface Seen {
  epoch: number
  versions: number[]
}

interface Call {
  name: string
  run: (target: TargetCollection) => Promise<unknown>
}

function draw(random: Random, seen: Seen): Call {
  const id = random.pick(['a', 'b'])
  const fence = fenceNear(random, seen)
  const value = random.chance(0.3) ? null : { id, n: random.below(9) }
  const version = random.pick(seen.versions)
  const op = opOf(random)
  const kind = random.next()
  const call = (name: string, run: (target: TargetCollection['partitions'][number]) => Promise<unknown>): Call => ({
    name,
    run: async (target) => {
      const [partition] = target.partitions
      return partition === undefined ? null : await run(partition)
    },
  })
  if (kind < 0.35) {
    const bound = random.chance(0.5)
      ? {
          base: version,
          compare: random.pick(['at-most', 'equal'] as const),
          ...(random.chance(0.5) ? { baseOp: opOf(random) } : {}),
        }
      : {}
    const startedAt = Date.now() + (random.chance(0.1) ? random.pick([LATE_MS, -LATE_MS]) : 0)
    const write = { id, op, startedAt, value, fenceExpected: random.chance(0.5), ...bound }
    return call('begin', (target) => target.begin(fence, write))
  }
  if (kind < 0.5)
    return call('apply', (target) =>
      target.applyMany(fence, [{ id, copy: { version: Math.max(1, version), op, value } }]),
    )
  if (kind < 0.58) return call('settle', (target) => target.settleMany([{ id, version, op }]))
  if (kind < 0.64) return call('probe', (target) => target.probe(fence, op))
  const mine = { version: random.pick(seen.versions), op: opOf(random) }
  if (kind < 0.7) return call('prove', (target) => target.prove(fence, { version, op }, mine))
  const ifEpoch = random.chance(0.5) ? { ifEpoch: random.below(seen.epoch + 2) } : {}
  const hold = random.chance(0.5)
  const count = random.below(9)
  if (kind < 0.76) return call('raise', (target) => target.raise(fence, { hold, ...ifEpoch }))
  if (kind < 0.82) return call('amend', (target) => target.amend(fence, { hold }))
  if (kind < 0.85) return call('beat', (target) => target.beat(count))
  if (kind < 0.9) return call('open', async (target) => [await target.openIds(null, 9), await target.countOpen()])
  if (kind < 0.93) return { name: 'page', run: listed }
  return call('get', (target) => target.get(id))
}

/** The listing, and whether the store finds in itself what it has listed, and what it has not. */
async function listed(target: TargetCollection): Promise<unknown> {
  const page = await target.page(null, 9)
  const copies = page.items.map(({ id, copy: { open: _, ...copy } }) => ({ id, copy }))
  const all = { after: null, until: null }
  return [page, await target.count(), await target.compare(all, copies), await target.compare(all, copies.slice(1))]
}

/** Mostly the epoch that holds, now and then one before it or after it. */
function fenceNear(random: Random, { epoch }: Seen): Fence {
  const step = random.chance(0.75) ? 0 : random.chance(0.5) ? -1 : 1
  return fenceAt(Math.max(1, epoch + step))
}

function fenceAt(epoch: number): Fence {
  const state = { stage: 'shadow' as const, era: epoch, eraAt: 0, period: epoch, fullSource: true, fullTarget: false }
  return { epoch, ranges: [{ until: SLOTS, ...state }] }
}

function opOf(random: Random): string {
  return random.pick(['k1.p', 'k1.q', 'k2.p', 'k3', 'k4', 'k5.p', 'k6', 'k7'])
}

/** Versions and epochs that the target has told of, for later calls to meet. */
function note(answer: unknown, seen: Seen): void {
  const text = JSON.stringify(answer) ?? ''
  for (const [, epoch] of text.matchAll(/"epoch":(\d+)/g)) seen.epoch = Math.max(seen.epoch, Number(epoch))
  for (const [, version] of text.matchAll(/"version":(\d+)/g)) {
    seen.versions = [0, ...seen.versions.slice(-5), Number(version), Number(version) + 1]
  }
}
