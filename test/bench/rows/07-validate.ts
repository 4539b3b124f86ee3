import { join } from 'node:path'
import { isEnded, type Run } from '../../../lib/core/run.js'
import { redisClient } from '../../../lib/drivers/redis/client.js'
import type { EngineContext } from '../../../lib/engine/context.js'
import { latestRun } from '../../../lib/engine/runs/store.js'
import { type Bulk, COLLECTION, idOf, moveUp, runToEnd, wireBulk, writeBulk } from '../parts/bulk.js'
import { median, ratioOf } from '../parts/sample.js'
import { type BenchStack, withStack } from '../parts/stack.js'
import type { Figure, Measured, Row, Setting } from '../row.js'

const SIZES = {
  full: { records: 20_000, documents: 4, rounds: 5, farRounds: 3 },
  small: { records: 20_000, documents: 4, rounds: 1, farRounds: 0 },
}
/** Added to every request: Redis is in the same region as the function, and not in the same machine. */
const FAR_MS = 5
const BYTES = 300
const RECORDS_PER_COMMAND = 500
const TIMES_FASTER = 10

export const row: Row = {
  number: 7,
  work: 'validation of an unchanged collection: the target compares digests, only what differs is read',
  against: 'the back-fill of the same records',
  goal: '>= 10x faster, <= 1 command per 500 records; one changed record is found',
  run: (setting) => withStack((stack) => measure(stack, setting)),
}

async function measure(stack: BenchStack, { size, tell }: Setting): Promise<Measured> {
  const { records, documents, rounds, farRounds } = SIZES[size]
  const bulk = { records, documents, bytes: BYTES }
  const near = await measureRounds(stack, bulk, rounds, tell)
  await stack.addFaults([{ fault: 'delay', delayMs: FAR_MS }])
  const far = await measureRounds(stack, bulk, farRounds, tell)
  const most = Math.max(...[...near.cold, ...near.warm].map(({ commands }) => commands))
  const changed = near.changed[0]
  const found = near.changed.every(({ run }) => run.counters.mismatched === 1 && run.status === 'failed')
  const figures: Figure[] = [
    faster('a validation by a process that has read nothing yet, all on one machine', near.fill, near.cold),
    faster('another by the same process, which holds the documents unless they have changed', near.fill, near.warm),
    ...(farRounds === 0
      ? []
      : [
          faster(`the first, with Redis ${FAR_MS} ms further away`, far.fill, far.cold),
          faster(`the second, with Redis ${FAR_MS} ms further away`, far.fill, far.warm),
        ]),
    {
      what: `records per command, everything counted (${near.cold[0]?.byName})`,
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
      `${rounds} rounds in turn (${farRounds} with Redis further away), each after one that does not count, medians of the ratios.`,
    ],
    figures,
    notes: [
      'Why not ten on one machine: Redis has one thread, and for each record of 300 bytes a script needs some 3.3 microseconds to look it up and hash it (MGET of value and meta 1.5, joining the texts 0.8, SHA-1 0.5, the listing 0.2, the rest 0.3; about 5 of CPU in all), against some 8 for writing it in a back-fill. The caller parses its document, writes each value as text again and hashes it: 7 microseconds of CPU with documents in hand, 12 without, against 35. So the sum of CPU falls to a quarter or a third, and no way of looking at every value can bring the part of Redis to a tenth; not looking (digests kept up to date by writes) would not see a damaged value.',
      'What is saved beyond that is the way: one command for 2,048 records, two at a time, and keys and digests in place of values. That counts where Redis is far away and the processor idle.',
      'Documents beyond what a process keeps parsed (4 Mi characters, four documents at least) are parsed again for each round of 32,768 records, because ids are spread over all documents.',
    ],
  }
}

function faster(what: string, fills: readonly Taken[], validations: readonly Taken[]): Figure {
  const [theirs, ours] = [fills.map(({ ms }) => ms), validations.map(({ ms }) => ms)]
  const ratio = ratioOf(theirs, ours)
  return { what, figure: shownMs(ours), against: shownMs(theirs), ratio, met: ratio >= TIMES_FASTER, counted: false }
}

const KINDS = ['fill', 'cold', 'warm', 'changed'] as const

type Rounds = { [what in (typeof KINDS)[number]]: Taken[] }

async function measureRounds(
  stack: BenchStack,
  bulk: Omit<Bulk, 'dir'>,
  rounds: number,
  tell: Setting['tell'],
): Promise<Rounds> {
  const taken: Rounds = { fill: [], cold: [], warm: [], changed: [] }
  // With one round there is no time to waste on one that does not count.
  for (let round = rounds > 1 ? 0 : 1; round <= rounds; round++) {
    const one = await measureRound(stack, { ...bulk, dir: join(stack.dir, String(roundsMade++)) })
    const [fill, cold, warm] = [one.fill, one.cold, one.warm].map(({ ms }) => ms.toFixed(0))
    tell(`back-fill ${fill} ms, validation ${cold} ms, again ${warm} ms`)
    if (round > 0) for (const what of KINDS) taken[what].push(one[what])
  }
  return taken
}

let roundsMade = 0

interface Taken {
  ms: number
  commands: number
  byName: string
  run: Run
}

/** Fresh documents, back-filled, validated twice, and once more with one record changed. */
async function measureRound(stack: BenchStack, bulk: Bulk): Promise<{ [what in keyof Rounds]: Taken }> {
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

/** A run that fails is as good: a validation fails when it finds something. */
async function timed(stack: BenchStack, context: EngineContext, kind: 'backfill' | 'validate'): Promise<Taken> {
  await stack.resetStats()
  const began = performance.now()
  const fault = await runToEnd(context, kind).then(
    () => null,
    (error: unknown) => error,
  )
  const ms = performance.now() - began
  const { commands, commandsByName } = await stack.stats()
  const run = await latestRun(context.ledger, COLLECTION, kind)
  if (run === null || !isEnded(run.status)) throw fault
  const byName = Object.entries(commandsByName).map(([name, count]) => `${count} ${name}`)
  return { ms, commands, byName: byName.join(', '), run }
}

function shownMs(samples: readonly number[]): string {
  return `${median(samples).toFixed(0)} ms`
}

function shown(number: number): string {
  return Math.round(number).toLocaleString('en')
}
