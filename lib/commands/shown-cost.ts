import type * as z from 'zod'
import { dollars } from '../core/estimate/dollars.js'
import type { Metered, Purpose, Spent } from '../core/estimate/metered.js'
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
  const purposes = PURPOSES.map((purpose) => shownPurpose(purpose, cost, estimates))
  const rateMs = cost.meteredMs < RATE_MS_MIN ? null : cost.meteredMs
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
    spentFor: soFar === null ? [] : purposes,
    share: soFar === null || cost.partly ? null : shareOf(purposes.find(({ purpose }) => purpose === 'moving')),
    lastHour: { commands: lastHour?.commands ?? null, messages: lastHour?.messages ?? null, usd: hourly },
    rateOverSeconds: rateMs === null ? null : Math.round(rateMs / 1000),
    perMonthAtThisRate: hourly === null || rateMs === null ? null : rounded((hourly * MONTH_MS) / rateMs),
    notCounted: [...NOT_COUNTED, ...PRICES_LEFT_OUT],
  }
  return { ...shown, inWords: inWords(shown) }
}

const MONTH_MS = 30 * 86_400_000
/** A rate of less says nothing of a month. */
const RATE_MS_MIN = 10 * 60_000
const PURPOSES = ['moving', 'watching', 'traffic', 'looking'] as const satisfies Purpose[]

/** What began in parts was estimated in parts: each says what had been spent before the first of them. */
function shownPurpose(purpose: Purpose, cost: Cost, estimates: readonly KeptEstimate[]): Shown['spentFor'][number] {
  const soFar = cost.spentFor[purpose]
  const before = estimates[0]?.parts?.before[purpose]
  const said = estimates.map(({ parts }) => (purpose === 'looking' ? null : (parts?.[purpose] ?? null)))
  const known = said.filter((one) => one !== null)
  const total = (what: keyof Spent): number => known.reduce((sum, one) => sum + one[what], 0)
  const left = (what: keyof Spent): number => Math.max(0, soFar[what] - (before?.[what] ?? 0))
  const all = known.length > 0 && known.length === said.length && !cost.partly
  return {
    purpose,
    soFar: pricedSpent(soFar),
    sinceEstimate:
      before === undefined ? null : pricedSpent({ commands: left('commands'), messages: left('messages') }),
    estimated: all ? pricedSpent({ commands: total('commands'), messages: total('messages') }) : null,
  }
}

function pricedSpent(spent: Spent): Shown['spentFor'][number]['soFar'] {
  return { ...spent, usd: usdOf({ ...spent, documentReads: 0, documentWrites: 0 }, false) }
}

function shareOf(moving: Shown['spentFor'][number] | undefined): number | null {
  if (!moving?.sinceEstimate || !moving.estimated || moving.estimated.usd <= 0) return null
  return Math.round((moving.sinceEstimate.usd / moving.estimated.usd) * 1e4) / 1e4
}

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

function inWords(shown: Omit<Shown, 'inWords'>): string {
  const { soFar, since, estimate, rateOverSeconds, perMonthAtThisRate } = shown
  if (soFar.usd === null || soFar.commands === null) return 'Nothing was metered yet, so the cost so far is not known.'
  const of = shown.spentFor.map(({ purpose, soFar: { usd } }) => `${dollars(usd)} for ${PURPOSE_WORDS[purpose]}`)
  const sentences = [
    `Metered so far: ${dollars(soFar.usd)} since ${since ?? 'the beginning'}: ${counted(soFar.commands, 'Redis command')}, ${counted(soFar.messages ?? 0, 'message')}; a lower bound.`,
    `Commands and messages: ${of.join(', ')}.`,
    estimate === null ? 'No estimate was kept when the migration began.' : againstInWords(shown, estimate.madeAt),
  ]
  if (perMonthAtThisRate === null || rateOverSeconds === null)
    sentences.push('It is too early to say what a month would come to.')
  else
    sentences.push(
      `At the rate of the last ${counted(Math.round(rateOverSeconds / 60), 'minute')} a month would come to ${dollars(perMonthAtThisRate)}.`,
    )
  return sentences.join(' ')
}

const PURPOSE_WORDS: { [purpose in Purpose]: string } = {
  moving: 'moving (runs and acts)',
  watching: 'looking after it (ticks and the autopilot)',
  traffic: "the application's reads and writes",
  looking: 'looks (pages, and verbs that only read)',
}

/** Like with like: what was moved, repeated or undone, against what moving once was to cost. */
function againstInWords({ share, spentFor }: Pick<Shown, 'share' | 'spentFor'>, madeAt: string): string {
  const moving = spentFor.find(({ purpose }) => purpose === 'moving')
  if (share === null || !moving?.sinceEstimate || !moving.estimated)
    return 'How much of that is in the estimate cannot be told apart here.'
  const { sinceEstimate, estimated } = moving
  return `Moving has used ${dollars(sinceEstimate.usd)} of the ${dollars(estimated.usd)} (${percent(share)}) that were estimated for moving once on ${madeAt}; runs that were repeated and rollbacks are in it, and traffic, ticks and looks are not.`
}

function percent(share: number): string {
  return `${(share * 100).toLocaleString('en-US', { maximumFractionDigits: 1 })} %`
}

function counted(count: number, of: string): string {
  return `${count.toLocaleString('en-US')} ${of}${count === 1 ? '' : 's'}`
}
