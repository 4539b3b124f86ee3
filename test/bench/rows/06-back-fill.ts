import { join } from 'node:path'
import { type RedisClient, redisClient } from '../../../lib/drivers/redis/client.js'
import {
  type Bulk,
  COLLECTION,
  idOf,
  raiseTarget,
  reservedAtStages,
  runToEnd,
  textOf,
  wireBulk,
  writeBulk,
} from '../parts/bulk.js'
import { type Cost, costOf, costsOf } from '../parts/cost.js'
import { inTurn, median, ratioOf } from '../parts/sample.js'
import { type BenchStack, withStack } from '../parts/stack.js'
import type { Figure, Measured, Row, Setting } from '../row.js'

const SIZES = {
  full: { records: 40_000, documents: 8, rounds: 4, singly: 2_000 },
  small: { records: 4_000, documents: 2, rounds: 1, singly: 200 },
}
const BYTES = 300
/** What the largest batch of a back-fill has. */
const PER_COMMAND = 500
/** Requests side by side or commands a request; the ceiling is the fastest of these. */
const SHAPES = [
  { sideBySide: 1, commands: 1 },
  { sideBySide: 2, commands: 1 },
  { sideBySide: 4, commands: 1 },
  { sideBySide: 1, commands: 4 },
  { sideBySide: 2, commands: 4 },
]
type Shape = (typeof SHAPES)[number]

export const row: Row = {
  number: 6,
  work: 'back-fill: records per second, and commands per record',
  against: 'raw MSETs of the same values by the same client (the ceiling), and one SET after the other',
  goal: '>= 0.7 of the ceiling while versioning, fencing, checkpointing; <= 1 command per 50 records; >= 20x one by one',
  run: (setting) => withStack((stack) => measure(stack, setting)),
}

async function measure(stack: BenchStack, { size, tell }: Setting): Promise<Measured> {
  const { records, documents, rounds, singly } = SIZES[size]
  const client = redisClient(stack.redis)
  const values = Array.from(
    { length: records },
    (_, number) => [`plain:${idOf(number)}`, textOf(number, BYTES)] as const,
  )
  const shape = await fastestShape(client, values)
  tell(`the ceiling: ${shape.sideBySide} requests side by side, ${shape.commands} commands each`)
  const reserved = await reservedAtStages(stack.dir, stack.env)
  const fills: { [stage in 'dualwrite' | 'shadow']: Fill[] } = { dualwrite: [], shadow: [] }
  const ours = (stage: 'dualwrite' | 'shadow') => async (): Promise<number> => {
    const fill = await backFill(stack, { dir: '', records, documents, bytes: BYTES, reserved: reserved[stage] })
    await client.command(['FLUSHDB'])
    fills[stage].push(fill)
    return fill.perSecond
  }
  const speeds = await inTurn(
    {
      dualwrite: ours('dualwrite'),
      ceiling: () => settingAll(client, values, shape),
      shadow: ours('shadow'),
      again: () => settingAll(client, values, shape),
      singly: () => settingSingly(client, values.slice(0, singly)),
    },
    rounds,
  )
  const ceilings = { dualwrite: speeds.ceiling, shadow: speeds.again }
  const figures = (['dualwrite', 'shadow'] as const).flatMap((stage): Figure[] => {
    const mine = speeds[stage]
    const [ofCeiling, ofSingly] = [ratioOf(mine, ceilings[stage]), ratioOf(mine, speeds.singly)]
    const { commands, byName } = fills[stage].at(-1) ?? { commands: Number.NaN, byName: '' }
    const perCommand = records / commands
    return [
      {
        what: `records per second in ${stage}, against the ceiling`,
        figure: `${shown(median(mine))}/s`,
        against: `${shown(median(ceilings[stage]))}/s`,
        ratio: ofCeiling,
        met: ofCeiling >= 0.7,
        counted: false,
      },
      {
        what: `records per second in ${stage}, against one by one`,
        figure: `${shown(median(mine))}/s`,
        against: `${shown(median(speeds.singly))}/s`,
        ratio: ofSingly,
        met: ofSingly >= 20,
        counted: false,
      },
      {
        what: `records per command in ${stage}, everything counted (${byName})`,
        figure: `${perCommand.toFixed(1)} (${commands} commands)`,
        against: '50',
        ratio: perCommand / 50,
        met: perCommand >= 50,
        counted: true,
      },
    ]
  })
  const { cost: plain } = await costOf(client, records, /^mset$/, () => settingAll(client, values, shape))
  figures.push(
    ...(['dualwrite', 'shadow'] as const).flatMap((stage) => costsOf(stage, fills[stage].at(-1)?.cost, plain)),
  )
  return {
    configuration: [
      `${shown(records)} records of about ${BYTES} bytes of JSON in ${documents} documents (files), as a move to the stage leaves them; none has been read by the process that migrates.`,
      'Ours: a whole run, from its start to its end, as deliveries of the queue would drive it: every record read from its file, versioned, fenced, a checkpoint in the ledger, marks, and in shadow the flags that declare both stores full. Batches begin with 20 records.',
      `The ceiling: MSET of ${PER_COMMAND} values a command, ready-made in memory, in the fastest of ${SHAPES.length} shapes (${shape.sideBySide} requests side by side, ${shape.commands} commands each). Measured right after each of ours.`,
      `One by one: ${shown(singly)} SETs, each after the answer to the one before.`,
      `${rounds} rounds in turn, medians of the ratios.`,
    ],
    figures,
    notes: [
      'Where the time goes: the ceiling sets one key a record that lies ready in memory. Ours reads and parses the documents, makes the text of each record, and has a script look at the fence and at each version, set two keys and enter the id into the index, in one access; the last two lines of each stage show what that takes in this process and in Redis. Where the processor times of all processes together are the limit, as on two cores, no arrangement of waiting makes up for it.',
    ],
  }
}

interface Fill {
  cost: Cost
  perSecond: number
  commands: number
  byName: string
}

let fillsMade = 0

/** One back-fill of fresh documents into an empty place. */
async function backFill(stack: BenchStack, bulk: Bulk): Promise<Fill> {
  const number = fillsMade++
  const fresh = { ...bulk, dir: join(stack.dir, `fill-${number}`) }
  await writeBulk(fresh)
  const { context } = await wireBulk(fresh, stack.env, `fill-${number}:`)
  await raiseTarget(context)
  const { cost, done } = await costOf(redisClient(stack.redis), bulk.records, /^eval/, async () => {
    await stack.resetStats()
    const began = performance.now()
    const { counters } = await runToEnd(context, 'backfill')
    const seconds = (performance.now() - began) / 1000
    return { seconds, counters, ...(await stack.stats()) }
  })
  const { copied = 0 } = done.counters
  if (copied !== bulk.records) throw new Error(`${copied} of ${bulk.records} records of ${COLLECTION} were copied.`)
  const byName = Object.entries(done.commandsByName).map(([name, count]) => `${count} ${name}`)
  return { cost, perSecond: bulk.records / done.seconds, commands: done.commands, byName: byName.join(', ') }
}

type Pair = readonly [key: string, value: string]

async function settingAll(client: RedisClient, values: readonly Pair[], shape: Shape): Promise<number> {
  const commands: string[][] = []
  for (let at = 0; at < values.length; at += PER_COMMAND)
    commands.push(['MSET', ...values.slice(at, at + PER_COMMAND).flat()])
  const began = performance.now()
  const next = commands[Symbol.iterator]()
  const lane = async (): Promise<void> => {
    for (;;) {
      const some = Array.from({ length: shape.commands }, () => next.next().value).filter((one) => one !== undefined)
      if (some.length === 0) return
      if (some.length === 1 && some[0] !== undefined) await client.command(some[0])
      else for (const reply of await client.pipeline(some)) if ('error' in reply) throw reply.error
    }
  }
  await Promise.all(Array.from({ length: shape.sideBySide }, lane))
  return (values.length * 1000) / (performance.now() - began)
}

async function settingSingly(client: RedisClient, values: readonly Pair[]): Promise<number> {
  const began = performance.now()
  for (const [key, value] of values) await client.command(['SET', key, value])
  return (values.length * 1000) / (performance.now() - began)
}

async function fastestShape(client: RedisClient, values: readonly Pair[]): Promise<Shape> {
  let best = { shape: SHAPES[0] as Shape, speed: 0 }
  for (const shape of [...SHAPES, ...SHAPES]) {
    const speed = await settingAll(client, values, shape)
    if (speed > best.speed) best = { shape, speed }
  }
  return best.shape
}

function shown(number: number): string {
  return Math.round(number).toLocaleString('en')
}
