import { type Copy, versionOf } from '../../../core/copy.js'
import type { Fence } from '../../../core/fence.js'
import { operationKey } from '../../../core/operation.js'
import type { BeginAnswer, Keyed, Stale, TargetApplyAnswer, TargetWrite } from '../../../core/protocol/answers.js'
import { nextVersion } from '../../../core/version.js'
import type { Clock } from '../../../ports/clock.js'
import type { Target } from '../../../ports/store.js'
import { type Data, type Done, frozen, mark, pageOf, readCopy, writeCopy } from './data.js'

export interface Partition {
  data: Data
  collection: string
  number: number
  clock: Clock
  latenessMs: number
}

/** One partition. No method waits for anything, so each is one atomic access. */
export function memoryPartition(partition: Partition): Target {
  const { data, number } = partition
  const control = () => data.fences.get(number) ?? { fence: null, hold: false }
  return {
    label: `memory/${partition.collection}/${number}`,
    get: async (id) => ({ ...control(), copy: readCopy(data, id) }),
    begin: async (fence, write) => begin(partition, fence, write),
    async probe(fence, op) {
      const stale = admit(partition, fence)
      if (stale !== null) return stale
      const done = recall(partition, op)
      return done?.op === op ? { kind: 'known', version: done.version } : { kind: 'none' }
    },
    async prove(fence, held, mine) {
      const stale = admit(partition, fence)
      if (stale !== null) return stale
      const proved = [held, mine].every(({ version, op }) => {
        const done = recall(partition, op)
        return done?.op === op && done.version === version
      })
      return { kind: proved ? 'proved' : 'not-proved' }
    },
    async applyMany(fence, copies, mark) {
      const count = data.heartbeats.get(number) ?? 0
      if (mark !== undefined && count < mark.from) return { kind: 'set-back' }
      const stale = admit(partition, fence)
      if (stale !== null) return stale
      if (mark !== undefined) data.heartbeats.set(number, Math.max(count, mark.to))
      return copies.map((keyed) => apply(partition, keyed))
    },
    async settleMany(settled) {
      for (const { id, version, op } of settled) {
        const meta = data.metas.get(id)
        if (meta === undefined || meta.version !== version || meta.op !== op) continue
        meta.open = false
        mark(data, number, id, false)
      }
    },
    openIds: async (after, limit) => pageOf(data.open.get(number) ?? [], after, limit),
    countOpen: async () => data.open.get(number)?.size ?? 0,
    getMany: async (ids) => ({ fence: control().fence, copies: ids.map((id) => readCopy(data, id)) }),
    control: async () => ({ ...control() }),
    async raise(fence, { hold = false, ifEpoch } = {}) {
      const epoch = control().fence?.epoch ?? -1
      if (epoch < fence.epoch && (ifEpoch === undefined || ifEpoch === epoch))
        data.fences.set(number, { fence: frozen(fence), hold })
      return { ...control() }
    },
    async amend(fence, { hold }) {
      if (control().fence?.epoch === fence.epoch) data.fences.set(number, { fence: frozen(fence), hold })
      return { ...control() }
    },
    async beat(count, counter = 'heartbeat') {
      const counters = counter === 'check' ? data.checks : data.heartbeats
      const was = counters.get(number) ?? 0
      counters.set(number, Math.max(was, count))
      return was
    },
  }
}

/** The fence check of every mutation: a higher fence refuses, a lower one is raised in the same access. */
function admit({ data, number }: Partition, fence: Fence): Stale | null {
  const held = data.fences.get(number)?.fence
  if (held !== undefined && held.epoch > fence.epoch) return { kind: 'stale', fence: held }
  if (held === undefined || held.epoch < fence.epoch) data.fences.set(number, { fence: frozen(fence), hold: false })
  return null
}

function begin(partition: Partition, fence: Fence, write: TargetWrite): BeginAnswer {
  const { data, number, clock, latenessMs } = partition
  const { id, op, base, baseOp, value } = write
  if (write.fenceExpected && !data.fences.has(number)) return { kind: 'lost' }
  const stale = admit(partition, fence)
  if (stale !== null) return stale
  const done = recall(partition, op)
  if (done?.op === op) return { kind: 'known', version: done.version }
  if (data.fences.get(number)?.hold) return { kind: 'hold' }
  const now = clock.now()
  if (now - write.startedAt > latenessMs) return { kind: 'expired' }
  if (write.startedAt - now > latenessMs) return { kind: 'early' }
  if (done !== null) {
    remember(data, done, now + 2 * latenessMs)
    return { kind: 'reused' }
  }
  const held = readCopy(data, id)
  const stored = versionOf(held)
  if (base !== undefined && (write.compare === 'at-most' ? stored > base : stored !== base))
    return { kind: 'fail', copy: held }
  if (held !== null && held.version === base && baseOp !== undefined && held.op !== baseOp) return { kind: 'loss' }
  const version = nextVersion(stored, fence.epoch)
  writeCopy(data, number, id, { version, op, open: true, value })
  forgetOld(data, now)
  remember(data, { version, op }, now + 2 * latenessMs)
  return { kind: 'ok', version, created: held === null || held.value === null }
}

function apply({ data, number }: Partition, { id, copy }: Keyed<Copy>): TargetApplyAnswer {
  const held = readCopy(data, id)
  if (held === null || copy.version > held.version) {
    writeCopy(data, number, id, { ...copy, open: false })
    return { kind: 'ok' }
  }
  if (copy.version !== held.version || copy.op !== held.op) return { kind: 'newer', copy: held }
  writeCopy(data, number, id, { ...held, open: false })
  return { kind: 'same' }
}

function recall({ data, clock }: Partition, op: string): Done | null {
  const done = data.operations.get(operationKey(op))
  return done === undefined || done.until <= clock.now() ? null : done
}

/** The name of a refused request is kept anew with the operation that holds it: a stray of the request must not run. */
function remember({ operations }: Data, { version, op }: Omit<Done, 'until'>, until: number): void {
  const key = operationKey(op)
  operations.delete(key)
  operations.set(key, { version, op, until })
}

/** Operations are remembered in the order they came, so the oldest stand first. */
function forgetOld({ operations }: Data, now: number): void {
  for (const [key, { until }] of operations) {
    if (until > now) return
    operations.delete(key)
  }
}
