import { CutoverError } from '../../../core/error.js'
import type { Fence } from '../../../core/fence.js'
import { LATENESS_MAX_MS } from '../../../core/operation.js'
import type { BeginAnswer, SetBack, Stale, TargetApplyAnswer } from '../../../core/protocol/answers.js'
import type { Target, TargetCollection } from '../../../ports/store.js'
import type { RedisClient, Script } from '../../redis/client.js'
import { applyAnswers, applyCall } from './apply.js'
import { compareAtStore } from './compare.js'
import { gathering, type Mget } from './gather.js'
import { decodeCopy, decodeStoredFence, encodeValue, fenceArgs, type Layout, redisLayout } from './layout.js'
import { readPage } from './listing.js'
import { redisPlain } from './plain.js'
import { listOf, textsOf, unexpected, wholeOf } from './replies.js'
import { AMEND, APPLY, BEAT, BEGIN, COMPARE, GLANCE, PROBE, PROVE, RAISE, READ, SETTLE } from './scripts.js'

export interface RedisTargetOptions {
  client: RedisClient
  collection: string
  partitions: number
  /** Prefix of every key, for a database shared with others. */
  prefix?: string
  /** Largest lateness of a begin, in milliseconds. */
  latenessMs?: number
  /** The database has read replicas: reads go by script, which only the primary runs. */
  readsByScript?: boolean
}

/** What a begin is refused with, word for word as its script says it. */
const REFUSALS = ['reused', 'expired', 'early', 'lost', 'loss', 'hold'] as const

/**
 * The target store over Redis. A read is one MGET of fence, value and meta, shared with the other reads of its tick; a
 * write is one script with every key declared; a batch of copies is one script.
 */
export function redisTarget(options: RedisTargetOptions): TargetCollection {
  const { client, collection, partitions } = options
  const layout = redisLayout(collection, options.prefix)
  const scripts = {
    begin: client.script(BEGIN, { together: true }),
    apply: client.script(APPLY),
    settle: client.script(SETTLE, { together: true }),
    probe: client.script(PROBE),
    prove: client.script(PROVE),
    raise: client.script(RAISE),
    amend: client.script(AMEND),
    beat: client.script(BEAT),
  }
  const reading = client.script(READ)
  const comparing = client.script(COMPARE)
  const glancing = client.script(GLANCE)
  const mget = options.readsByScript
    ? (keys: readonly string[]): Promise<unknown> => reading.run(keys, [])
    : (keys: readonly string[]): Promise<unknown> => client.command(['MGET', ...keys])
  const latenessMs = options.latenessMs ?? LATENESS_MAX_MS
  const read = gathering(mget)
  const partition = (number: number): Target =>
    redisPartition({ client, mget, read, layout, number, collection, scripts, latenessMs })
  return {
    partitions: Array.from({ length: partitions }, (_, number) => partition(number)),
    page: (after, limit) => readPage({ client, mget, layout }, partitions, after, limit),
    compare: (stretch, copies) => compareAtStore({ script: comparing, layout }, partitions, stretch, copies),
    async count() {
      const [records, tombstones] = await client.pipeline([
        ['ZCARD', layout.index],
        ['ZCARD', layout.tombstones],
      ])
      return { records: countOf(records), tombstones: countOf(tombstones) }
    },
    async glance() {
      const numbers = Array.from({ length: partitions }, (_, number) => number)
      const keys = numbers.flatMap((number) => [layout.fence(number), layout.open(number)])
      const reply = listOf(await glancing.run([layout.index, layout.tombstones, ...keys], []))
      const [records, tombstones, ...each] = reply
      return {
        counts: { records: wholeOf(records), tombstones: wholeOf(tombstones) },
        partitions: numbers.map((number) => ({
          control: decodeStoredFence(each[2 * number] ?? null, layout.fence(number)),
          open: wholeOf(each[2 * number + 1]),
        })),
      }
    },
    plain: redisPlain(client, layout),
  }
}

interface Parts {
  client: RedisClient
  mget: Mget
  /** The same for one record; those of one tick go together. */
  read: (keys: readonly string[]) => Promise<unknown[]>
  layout: Layout
  number: number
  collection: string
  scripts: { [name in 'begin' | 'apply' | 'settle' | 'probe' | 'prove' | 'raise' | 'amend' | 'beat']: Script }
  latenessMs: number
}

function redisPartition(parts: Parts): Target {
  const { client, mget, layout, number, scripts } = parts
  const fenceKey = layout.fence(number)
  const openKey = layout.open(number)
  const decodeFence = fenceReader(fenceKey)
  const stale = (raw: unknown): Stale => {
    const { fence } = decodeFence(raw)
    if (fence === null) throw new CutoverError('internal', 'A script refused without a fence.')
    return { kind: 'stale', fence }
  }
  return {
    label: `redis/${parts.collection}/${number}`,
    async get(id) {
      const [fence, value, meta] = await parts.read([fenceKey, layout.value(id), layout.meta(id)])
      return { ...decodeFence(fence), copy: decodeCopy(meta ?? null, value, id) }
    },
    async begin(fence, write): Promise<BeginAnswer> {
      const { id, op, startedAt, base, compare, baseOp } = write
      const keys = [
        fenceKey,
        layout.value(id),
        layout.meta(id),
        layout.operation(op),
        layout.index,
        layout.tombstones,
        openKey,
      ]
      const condition = base === undefined ? ['', ''] : [String(base), compare ?? 'equal']
      const reply = listOf(
        await scripts.begin.run(keys, [
          ...fenceArgs(fence),
          id,
          op,
          String(startedAt),
          String(parts.latenessMs),
          encodeValue(write.value),
          ...condition,
          write.fenceExpected ? '1' : '0',
          baseOp ?? '*',
        ]),
      )
      const [kind, first, second] = reply
      if (kind === 'ok') return { kind, version: wholeOf(first), created: second === '1' }
      if (kind === 'known') return { kind, version: wholeOf(first) }
      if (kind === 'fail') return { kind, copy: decodeCopy(first ?? null, second, id) }
      if (kind === 'stale') return stale(first)
      const refusal = REFUSALS.find((known) => known === kind)
      if (refusal !== undefined) return { kind: refusal }
      throw unexpected('begin')
    },
    async probe(fence, op) {
      const [kind, first] = listOf(await scripts.probe.run([fenceKey, layout.operation(op)], [...fenceArgs(fence), op]))
      if (kind === 'known') return { kind, version: wholeOf(first) }
      return kind === 'stale' ? stale(first) : { kind: 'none' }
    },
    async prove(fence, held, mine) {
      const keys = [fenceKey, layout.operation(held.op), layout.operation(mine.op)]
      const args = [...fenceArgs(fence), `${held.version} ${held.op}`, `${mine.version} ${mine.op}`]
      const [kind, first] = listOf(await scripts.prove.run(keys, args))
      if (kind === 'stale') return stale(first)
      return { kind: kind === 'proved' ? 'proved' : 'not-proved' }
    },
    async applyMany(fence, copies, mark): Promise<TargetApplyAnswer[] | Stale | SetBack> {
      const { keys, args } = applyCall(layout, number, fence, copies, mark)
      const answers = applyAnswers(await scripts.apply.run(keys, args), copies)
      return 'raw' in answers ? stale(answers.raw) : answers
    },
    async settleMany(settled) {
      if (settled.length === 0) return
      const keys = [openKey, ...settled.map(({ id }) => layout.meta(id))]
      await scripts.settle.run(
        keys,
        settled.flatMap(({ id, version, op }) => [id, String(version), op]),
      )
    },
    async getMany(ids) {
      const keys = ids.flatMap((id) => [layout.value(id), layout.meta(id)])
      const [fence, ...values] = listOf(await mget([fenceKey, ...keys]))
      const copies = ids.map((id, at) => decodeCopy(values[at * 2 + 1] ?? null, values[at * 2], id))
      return { fence: decodeFence(fence).fence, copies }
    },
    async openIds(after, limit) {
      const from = after === null ? '-' : `(${after}`
      const ids = textsOf(await client.command(['ZRANGEBYLEX', openKey, from, '+', 'LIMIT', 0, limit]))
      return { items: ids, end: ids.length < limit }
    },
    countOpen: async () => wholeOf(await client.command(['ZCARD', openKey])),
    control: async () => decodeFence(await client.command(['GET', fenceKey])),
    async raise(fence, raise = {}) {
      const from = raise.ifEpoch === undefined ? '' : String(raise.ifEpoch)
      return decodeFence(await scripts.raise.run([fenceKey], [...fenceArgs(fence), raise.hold ? '1' : '0', from]))
    },
    async amend(fence, { hold }) {
      return decodeFence(await scripts.amend.run([fenceKey], [...fenceArgs(fence), hold ? '1' : '0']))
    },
    async beat(count, counter = 'heartbeat') {
      return wholeOf(await scripts.beat.run([layout[counter](number)], [String(count)]))
    },
  }
}

/** Decodes fences, and remembers the last one: it comes with every read and rarely changes. */
function fenceReader(place: string): (raw: unknown) => { fence: Fence | null; hold: boolean } {
  let last: { raw: unknown; decoded: { fence: Fence | null; hold: boolean } } | null = null
  return (raw) => {
    if (last?.raw !== raw || last === null) last = { raw, decoded: decodeStoredFence(raw ?? null, place) }
    return last.decoded
  }
}

function countOf(reply: { result: unknown } | { error: CutoverError } | undefined): number {
  if (reply === undefined || 'error' in reply) throw reply?.error ?? unexpected('count')
  return wholeOf(reply.result)
}
