import type * as z from 'zod'
import type { Metered } from '../core/estimate/metered.js'
import { moneyOf } from '../core/estimate/money.js'
import { PRICES, PRICES_LEFT_OUT, PRICES_OF } from '../core/estimate/prices.js'
import { used } from '../core/estimate/usage.js'
import type { Cost } from '../engine/estimate/cost.js'
import type { KeptEstimate } from '../engine/estimate/kept.js'
import type { costShape } from './cost-shape.js'

type Shown = z.input<typeof costShape>

/** The cost as operators see it: dollars to a millionth. `blob`: documents are in a store that bills operations. */
export function shownCost(cost: Cost, blob: boolean): Shown {
  const priced = (metered: Metered | null): Shown['own'] => ({
    ...(metered ?? { commands: null, messages: null, documentReads: null, documentWrites: null }),
    usd: metered === null ? null : usdOf(metered, blob),
  })
  const { soFar, lastHour } = cost
  const estimates = [...cost.estimates].sort((a, b) => a.madeAt - b.madeAt)
  const [first] = estimates
  const estimated = first === undefined ? null : shownEstimated(estimates, first)
  const since = first === undefined || soFar === null ? null : less(soFar, first.before)
  const share = since === null || estimated === null || estimated.usd <= 0 ? null : usdOf(since, blob) / estimated.usd
  const hourly = lastHour === null ? null : usdOf(lastHour, blob)
  const shown: Omit<Shown, 'inWords'> = {
    currency: 'USD',
    pricesOf: PRICES_OF,
    since: cost.since === null ? null : new Date(cost.since).toISOString(),
    soFar: { ...priced(soFar), storageBytes: null },
    perCollection: cost.collections.map(({ collection, metered }) => ({ collection, ...priced(metered) })),
    own: priced(cost.own),
    estimate: estimated,
    sinceEstimate: since === null ? null : priced(since),
    share: share === null ? null : Math.round(share * 1e4) / 1e4,
    lastHour: { commands: lastHour?.commands ?? null, messages: lastHour?.messages ?? null, usd: hourly },
    perMonthAtThisRate: hourly === null ? null : rounded(hourly * HOURS_OF_A_MONTH),
    notCounted: [...NOT_COUNTED, ...PRICES_LEFT_OUT],
  }
  return { ...shown, inWords: inWords(shown) }
}

const HOURS_OF_A_MONTH = 720

const NOT_COUNTED: readonly string[] = [
  'What an instance had not written when it ended: some hundred commands at most. All figures are lower bounds.',
  'Storage in Redis, and bytes to and from it: they are not metered.',
  'Repeated deliveries of the queue, and what read regions are billed beside.',
  'Commands of programs that are not cutover on the same database.',
]

function usdOf(metered: Metered, blob: boolean): number {
  const { commands, ...others } = metered
  const usage = used({ writes: commands, ...others })
  return rounded(moneyOf({ usage, storedBytes: 0, days: 0, readRegions: 0, blob }, PRICES).total)
}

/** What began in parts was estimated in parts: they are added up. */
function shownEstimated(all: readonly KeptEstimate[], first: KeptEstimate): NonNullable<Shown['estimate']> {
  const total = (of: (one: KeptEstimate) => number): number => all.reduce((sum, one) => sum + of(one), 0)
  return {
    usd: rounded(total(({ money }) => money.redisCommands + money.queueMessages + money.blobOperations)),
    totalUsd: rounded(total(({ money }) => money.total)),
    commands: total(({ commands }) => commands),
    messages: total(({ messages }) => messages),
    seconds: Math.round(Math.max(...all.map(({ seconds }) => seconds))),
    course: first.course,
    collections: all.flatMap(({ collections }) => collections),
    madeAt: new Date(first.madeAt).toISOString(),
    madeFor: first.madeFor,
  }
}

function less(metered: Metered, before: Metered | null): Metered {
  const left = (what: keyof Metered): number => Math.max(0, metered[what] - (before?.[what] ?? 0))
  return {
    commands: left('commands'),
    messages: left('messages'),
    documentReads: left('documentReads'),
    documentWrites: left('documentWrites'),
  }
}

function rounded(dollars: number): number {
  return Math.round(dollars * 1e6) / 1e6
}

function inWords({ soFar, since, estimate, share, lastHour, perMonthAtThisRate }: Omit<Shown, 'inWords'>): string {
  if (soFar.usd === null || soFar.commands === null) return 'Nothing was metered yet, so the cost so far is not known.'
  const sentences = [
    `Metered so far: ${dollars(soFar.usd)} since ${since ?? 'the beginning'}: ${counted(soFar.commands, 'Redis command')}, ${counted(soFar.messages ?? 0, 'message')}; a lower bound.`,
  ]
  if (estimate === null) sentences.push('No estimate was kept when the migration began.')
  else if (share !== null)
    sentences.push(
      `That is ${percent(share)} of the ${dollars(estimate.usd)} that were estimated on ${estimate.madeAt} for the whole migration, with the traffic of clients while it lasts.`,
    )
  if (perMonthAtThisRate !== null)
    sentences.push(
      `At the rate of the last hour (${counted(lastHour.commands ?? 0, 'command')}) a month would come to ${dollars(perMonthAtThisRate)}.`,
    )
  return sentences.join(' ')
}

function dollars(usd: number): string {
  if (usd > 0 && usd < 0.01) return 'less than $0.01'
  return `$${usd.toFixed(2)}`
}

function percent(share: number): string {
  return `${(share * 100).toLocaleString('en-US', { maximumFractionDigits: 1 })} %`
}

function counted(count: number, of: string): string {
  return `${count.toLocaleString('en-US')} ${of}${count === 1 ? '' : 's'}`
}
