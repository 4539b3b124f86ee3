import { PRICES, PRICES_OF } from '../../../lib/core/estimate/prices.js'
import { type Amounts, type Compared, summed } from '../parts/compared.js'
import { byHand, clients, theWeekByAutopilot } from '../parts/courses.js'
import { openReckoned, type Reckoned, type ReckonedOptions } from '../parts/reckoned.js'
import type { Figure, Measured, Row, Setting } from '../row.js'

const SIZES = {
  full: { records: 4_000, documents: 2, chars: 1_000, operations: 100, quietMs: 6_000 },
  small: { records: 400, documents: 1, chars: 1_000, operations: 25, quietMs: 0 },
}
const WITHIN = 0.05
/** Clients' operations cost what they cost, however many records there are: few make the way through the stages short. */
const RECORDS_OF_CLIENTS = 50

export const row: Row = {
  number: 13,
  work: 'cost in money: the estimate of a migration, asked for before it began',
  against: 'what the gateway and the queue counted of that migration',
  goal: 'within 5 %',
  async run(setting) {
    const { operations, quietMs, ...size } = SIZES[setting.size]
    const options: ReckonedOptions = { ...size, backend: 'auto' }
    setting.tell('by hand')
    const hand = await on(options, (at) => byHand(at, quietMs))
    setting.tell('by the autopilot')
    const week = await on(options, theWeekByAutopilot)
    setting.tell('clients')
    const traffic = await on({ ...options, records: RECORDS_OF_CLIENTS }, (at) => clients(at, operations))
    return measured(setting, { hand, week, traffic })
  },
}

type Course = Awaited<ReturnType<typeof byHand>> & { backend: string }

async function on<T>(options: ReckonedOptions, work: (at: Reckoned) => Promise<T>): Promise<T & { backend: string }> {
  const at = await openReckoned(options)
  try {
    return Object.assign((await work(at)) as T & object, { backend: at.running.stack.redis.backend })
  } finally {
    await at.close()
  }
}

function measured(
  { size }: Setting,
  { hand, week, traffic }: { hand: Course; week: Course; traffic: Compared[] },
): Measured {
  const { records, documents, operations } = SIZES[size]
  const all = [...hand.compared, ...week.compared, ...traffic]
  const kinds = [...new Set(all.map(({ kind }) => kind))]
  const scans = hand.backend === 'redis-server'
  const total = [hand.total, week.total, ...traffic]
  const [estimated, counted] = [summed(total, 'estimated'), summed(total, 'counted')]
  const own = (of: 'documentReads' | 'documentWrites'): [number, number] => [
    summed([hand.total, week.total], 'estimated')[of],
    summed([hand.total, week.total], 'counted')[of],
  ]
  return {
    configuration: [
      `${records} records in ${documents} documents; Redis is ${hand.backend}, behind the gateway, in this process`,
      'asked for by GET /api/migration/plan before anything begins; then done by the operators’ API, by deliveries of the queue and by calls of the cron',
      'a migration by hand from off to cleaned up; the default plan tick by tick up to its clean-up; and, by themselves, ' +
        `${operations} reads and ${operations} writes of clients in each stage`,
      `prices of ${PRICES_OF}: ${PRICES.redisPer100kCommands} $ for 100,000 commands, ${PRICES.queuePer100kMessages} $ for 100,000 messages`,
    ],
    figures: [
      ...kinds.map((kind) => {
        const some = all.filter((one) => one.kind === kind)
        const [ours, theirs] = [summed(some, 'estimated').commands, summed(some, 'counted').commands]
        const asked = kind !== 'clean-up' || scans
        return figure(`commands: ${kind}`, [ours, theirs], 'commands', asked)
      }),
      figure('commands: all', [estimated.commands, counted.commands], 'commands', scans),
      figure('messages', [estimated.messages, counted.messages], 'messages', true),
      figure('reads of documents, without clients', own('documentReads'), 'reads', true),
      figure('writes of documents, without clients', own('documentWrites'), 'writes', true),
      figure('bytes to and from Redis, by hand', [hand.total.estimated.bytes, hand.total.counted.bytes], 'bytes', true),
      figure('money', [dollars(estimated), dollars(counted)], '$', scans),
    ],
    notes: [
      'Commands of each kind are without the texts of scripts that a new database asks for once; those are in the sums.',
      'Clients’ operations hear of a stage change once for each document, by one more command.',
      'Documents that clients’ operations read and write are reckoned as the protocol has them at most: an instance that holds a document reads it less often, and writes of one moment go together.',
      'Bytes of documents of the plan itself are reckoned roughly, and not compared.',
      ...(scans
        ? []
        : ['The embedded Redis passes over keys in a SCAN during removals, so that the clean-up takes more.']),
    ],
  }
}

function figure(what: string, [ours, theirs]: [number, number], unit: string, asked: boolean): Figure {
  const ratio = ours / theirs
  const shown = (value: number): string => `${unit === '$' ? value.toFixed(6) : Math.round(value)} ${unit}`
  const met = asked ? Math.abs(ratio - 1) <= WITHIN : null
  return { what, figure: shown(ours), against: shown(theirs), ratio, met, counted: asked }
}

function dollars({ commands, messages }: Amounts): number {
  return (commands * PRICES.redisPer100kCommands + messages * PRICES.queuePer100kMessages) / 100_000
}
