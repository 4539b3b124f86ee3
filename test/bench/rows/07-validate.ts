import { join } from 'node:path'
import type { Run } from '../../../lib/core/run.js'
import { redisClient } from '../../../lib/drivers/redis/client.js'
import type { EngineContext } from '../../../lib/engine/context.js'
import { type Bulk, COLLECTION, idOf, moveUp, runToEnd, wireBulk, writeBulk } from '../parts/bulk.js'
import { median, ratioOf } from '../parts/sample.js'
import { type BenchStack, openStack } from '../parts/stack.js'
import type { Measured, Row, Setting } from '../row.js'

const SIZES = {
  full: { records: 40_000, documents: 8, rounds: 5 },
  small: { records: 10_000, documents: 4, rounds: 1 },
}
const BYTES = 300
const RECORDS_PER_COMMAND = 500
const TIMES_FASTER = 10

export const row: Row = {
  number: 7,
  work: 'validation of an unchanged collection: the target compares digests, only what differs is read',
  against: 'the back-fill of the same records',
  goal: '>= 10x faster, <= 1 command per 500 records; one changed record is found',
  async run(setting) {
    const stack = await openStack()
    try {
      return await measure(stack, setting)
    } finally {
      await stack.close()
    }
  },
}

async function measure(stack: BenchStack, { size, tell }: Setting): Promise<Measured> {
  const { records, documents, rounds } = SIZES[size]
  const taken: { [what in 'fill' | 'cold' | 'warm' | 'changed']: Taken[] } = {
    fill: [],
    cold: [],
    warm: [],
    changed: [],
  }
  for (let round = 0; round <= rounds; round++) {
    const one = await measureRound(stack, { dir: join(stack.dir, `${round}`), records, documents, bytes: BYTES })
    tell(`round ${round}: back-fill ${one.fill.ms.toFixed(0)} ms, validation ${one.cold.ms.toFixed(0)} ms`)
    if (round === 0) continue
    for (const what of ['fill', 'cold', 'warm', 'changed'] as const) taken[what].push(one[what])
  }
  const ms = (what: keyof typeof taken): number[] => taken[what].map((one) => one.ms)
  const faster = { cold: ratioOf(ms('fill'), ms('cold')), warm: ratioOf(ms('fill'), ms('warm')) }
  const most = Math.max(...[...taken.cold, ...taken.warm].map(({ commands }) => commands))
  const changed = taken.changed[0]
  const found = taken.changed.every(({ run }) => run.counters.mismatched === 1 && run.status === 'failed')
  const figures = [
    {
      what: 'a validation run by a process that has read nothing yet',
      figure: shownMs(ms('cold')),
      against: shownMs(ms('fill')),
      ratio: faster.cold,
      met: faster.cold >= TIMES_FASTER,
      counted: false,
    },
    {
      what: 'another by the same process: it asks whether the documents have changed, and holds them',
      figure: shownMs(ms('warm')),
      against: shownMs(ms('fill')),
      ratio: faster.warm,
      met: faster.warm >= TIMES_FASTER,
      counted: false,
    },
    {
      what: `records per command, everything counted (${taken.cold[0]?.byName})`,
      figure: `${(records / most).toFixed(0)} (${most} commands)`,
      against: `${RECORDS_PER_COMMAND}`,
      ratio: records / most / RECORDS_PER_COMMAND,
      met: records / most >= RECORDS_PER_COMMAND,
      counted: true,
    },
    {
      what: `one record in ${shown(records)} has another value under the same version: it is found, and so many are read`,
      figure: `${shown(changed?.run.counters.inspected ?? 0)} records, ${changed?.commands} commands`,
      against: null,
      ratio: null,
      met: found && (changed?.run.counters.inspected ?? 0) <= records / 20,
      counted: true,
    },
  ]
  return {
    configuration: [
      `${shown(records)} records of about ${BYTES} bytes of JSON in ${documents} documents (files), back-filled in shadow.`,
      'Both are whole runs, from their start to their end, as deliveries of the queue would drive them, each by a wiring of its own. Commands are counted at the gateway, ledger and all.',
      `${rounds} rounds in turn after one that does not count, medians of the ratios.`,
    ],
    figures,
    notes: [],
  }
}

interface Taken {
  ms: number
  commands: number
  byName: string
  run: Run
}

/** Fresh documents, back-filled, validated twice, and once more with one record changed. */
async function measureRound(
  stack: BenchStack,
  bulk: Bulk,
): Promise<{ [what in 'fill' | 'cold' | 'warm' | 'changed']: Taken }> {
  const prefix = 'row7:'
  const client = redisClient(stack.redis)
  await client.command(['FLUSHDB'])
  await writeBulk(bulk)
  const wiring = async (): Promise<EngineContext> => (await wireBulk(bulk, stack.env, prefix)).context
  await moveUp(await wiring(), ['dualwrite', 'shadow'])
  const fill = await timed(stack, await wiring(), 'backfill')
  const validating = await wiring()
  const cold = await timed(stack, validating, 'validate')
  const warm = await timed(stack, validating, 'validate')
  for (const { run } of [cold, warm]) {
    const { compared, matched, inspected } = run.counters
    if (matched !== bulk.records || compared !== bulk.records || inspected !== 0)
      throw new Error(`${matched} of ${compared} records agreed, ${inspected} were read.`)
  }
  const key = `${prefix}${COLLECTION}:${idOf(Math.floor(bulk.records / 3))}`
  const text = await client.command(['GET', key])
  await client.command(['SET', key, String(text).replace('"done":', '"owner":"nobody","done":')])
  return { fill, cold, warm, changed: await timed(stack, await wiring(), 'validate') }
}

async function timed(stack: BenchStack, context: EngineContext, kind: 'backfill' | 'validate'): Promise<Taken> {
  await stack.resetStats()
  const began = performance.now()
  const run = await runToEnd(context, kind)
  const ms = performance.now() - began
  const { commands, commandsByName } = await stack.stats()
  const byName = Object.entries(commandsByName).map(([name, count]) => `${count} ${name}`)
  return { ms, commands, byName: byName.join(', '), run }
}

function shownMs(samples: readonly number[]): string {
  return `${median(samples).toFixed(0)} ms`
}

function shown(number: number): string {
  return Math.round(number).toLocaleString('en')
}
