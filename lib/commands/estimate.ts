import type * as z from 'zod'
import { ASSUMED_PER_SECOND } from '../core/estimate/batches.js'
import { billedCommands } from '../core/estimate/money.js'
import type { StepEstimate } from '../core/estimate/plan.js'
import { PRICES_LEFT_OUT, PRICES_OF, type Prices } from '../core/estimate/prices.js'
import { isInUse, READ_USES, WRITE_USES } from '../core/estimate/traffic.js'
import { commandsOf, sum, type Usage } from '../core/estimate/usage.js'
import type { PlanStep } from '../core/plan/plan.js'
import { STAGES } from '../core/stage.js'
import type { Estimate, EstimatedCollection } from '../engine/estimate/estimate.js'
import type { estimateShape } from './estimate-shape.js'

export interface Asked {
  course: 'week' | 'by-hand'
  timeScale: number
  tickSeconds: number
  compareShare: number
  throttle: boolean
  readRegions: number
  blob: boolean
  prices: Prices
}

/** An estimate as operators see it: whole counts, dollars to a millionth, times to a tenth of a second. */
export function shownEstimate(found: Estimate, asked: Asked): z.input<typeof estimateShape> {
  const { collections, steps, plan, own, storedBytes, money } = found
  const round = (dollars: number): number => Math.round(dollars * 1e6) / 1e6
  const work = steps.map(({ actions }) => Math.max(0, ...actions.map(({ seconds }) => seconds)))
  return {
    course: asked.course,
    totals: {
      records: collections.reduce((all, { sizes }) => all + sizes.records, 0),
      valueBytes: collections.reduce((all, { sizes }) => all + sizes.valueBytes, 0),
      ...shownUsage(own),
      storedHighest: storedBytes.highest,
      storedAfterwards: storedBytes.afterwards,
      seconds: tenths(found.seconds),
      workSeconds: tenths(work.reduce((all, seconds) => all + seconds, 0)),
    },
    money: {
      redisCommands: round(money.redisCommands),
      redisStorage: round(money.redisStorage),
      redisBandwidth: round(money.redisBandwidth),
      queueMessages: round(money.queueMessages),
      blobOperations: round(money.blobOperations),
      total: round(money.total),
    },
    prices: { of: PRICES_OF, currency: 'USD', table: { ...asked.prices } },
    standing: {
      commandsPerDay: Math.round(commandsOf(found.standing.usage)),
      commandsPerDayOfEachDocument: Math.round(commandsOf(found.standing.ofEachDocument)),
      moneyPerDay: round(
        (billedCommands(found.standing.usage, asked.readRegions) * asked.prices.redisPer100kCommands) / 100_000,
      ),
      commandsPerDayAfterwards: Math.round(commandsOf(found.standing.afterwards)),
    },
    collections: collections.map(shownCollection),
    steps: steps.map((step, at) => shownStep(step, plan[at], asked.timeScale)),
    work: steps.flatMap(({ step, actions }) =>
      actions
        .filter(({ what }) => what !== 'none')
        .map(({ what, collection, batches, seconds, usage }) => {
          return { step, what, collection, batches, seconds: tenths(seconds), ...shownUsage(usage) }
        }),
    ),
    trafficPer1000: STAGES.map((stage) => ({
      stage,
      readCommands: 1_000 * commandsOf(READ_USES[stage]),
      readDocumentReads: 1_000 * READ_USES[stage].documentReads,
      writeCommands: 1_000 * commandsOf(WRITE_USES[stage]),
      writeDocumentReads: 1_000 * WRITE_USES[stage].documentReads,
      writeDocumentWrites: 1_000 * WRITE_USES[stage].documentWrites,
    })),
    trafficMeanwhile: shownUsage(found.traffic),
    noWayBackFrom: plan
      .filter(({ rollback, action }) => rollback === null && action.kind !== 'none')
      .map(({ name }) => name),
    cannotBeRolledBack: found.noWayBack,
    beyondFreePlans: found.beyondFree,
    assumptions: assumptionsOf(collections, asked),
    leftOut: [...PRICES_LEFT_OUT],
  }
}

function shownCollection(one: EstimatedCollection): z.input<typeof estimateShape>['collections'][number] {
  const { sizes, stage, documentBytes, sampled, share, recordsPerSecond, rateFrom, traffic, trafficFrom, storage } = one
  return {
    collection: sizes.collection,
    stage,
    records: sizes.records,
    valueBytes: sizes.valueBytes,
    documentBytes,
    partitions: sizes.copies.length,
    sampled,
    share: Math.round(share * 1e4) / 1e4,
    recordsPerSecond,
    rateFrom,
    readsPerDay: traffic.readsPerDay,
    writesPerDay: traffic.writesPerDay,
    trafficFrom,
    storedHighest: storage.application + storage.versions + storage.operations,
    storedAfterwards: storage.application,
  }
}

function shownStep(
  estimate: StepEstimate,
  step: PlanStep | undefined,
  timeScale: number,
): z.input<typeof estimateShape>['steps'][number] {
  const { actions, autopilot, watch, ticks, seconds } = estimate
  const action = step?.action ?? { kind: 'none' }
  return {
    step: estimate.step,
    day: step?.day ?? 0,
    action:
      action.kind === 'move'
        ? `move to ${action.to} at ${action.rolloutPercent} %`
        : action.kind === 'run'
          ? action.run
          : action.kind,
    seconds: tenths(seconds),
    ticks,
    ...shownUsage(sum(...actions.map(({ usage }) => usage), autopilot, watch)),
    soakSeconds: tenths((step?.soakMs ?? 0) / 1000 / timeScale),
    rollsBackTo: step?.rollback?.to ?? null,
    gate: step?.gate.map(({ kind }) => kind) ?? [],
  }
}

function shownUsage(usage: Usage): {
  [name in 'commands' | 'bytesIn' | 'bytesOut' | 'messages' | 'documentReads' | 'documentWrites']: number
} {
  const { bytesIn, bytesOut, messages, documentReads, documentWrites } = usage
  return {
    commands: Math.round(commandsOf(usage)),
    bytesIn: Math.round(bytesIn),
    bytesOut: Math.round(bytesOut),
    messages: Math.round(messages),
    documentReads: Math.round(documentReads),
    documentWrites: Math.round(documentWrites),
  }
}

function assumptionsOf(collections: readonly EstimatedCollection[], asked: Asked): string[] {
  const { course, tickSeconds, compareShare, readRegions, blob } = asked
  const of = (names: readonly EstimatedCollection[]): string => names.map(({ sizes }) => sizes.collection).join(', ')
  const assumed = collections.filter(({ rateFrom }) => rateFrom === 'assumed')
  const unknown = collections.filter(({ trafficFrom }) => trafficFrom === 'unknown')
  const sampled = collections.filter((one) => one.sampled)
  return [
    'It begins in off; what a collection has gone through already is counted as if it had not.',
    'Nothing fails, nothing is tried again, and clients do not change records while a run is at work on them.',
    ...(course === 'week'
      ? ['Each gate is passed as soon as its soak time is over.', `The cron calls every ${tickSeconds} seconds.`]
      : ['The days between the operator’s calls are not known: the cron and the traffic are told by the day only.']),
    ...(assumed.length > 0
      ? [`No back-fill has told a rate yet; ${ASSUMED_PER_SECOND} records a second are assumed: ${of(assumed)}.`]
      : []),
    ...(unknown.length > 0 ? [`No traffic is counted yet, and none is reckoned with: ${of(unknown)}.`] : []),
    ...(sampled.length > 0 ? [`Read in part, and the rest reckoned from it: ${of(sampled)}.`] : []),
    ...(asked.throttle && collections.some(({ traffic }) => isInUse(traffic)) ? [THROTTLED] : []),
    `One function instance serves the traffic; ${compareShare * 100} % of reads are compared.`,
    `Scripts are billed as writes${readRegions > 0 ? `, once more for each of ${readRegions} read regions` : ''}.`,
    blob
      ? 'Reads of documents are simple operations, writes are advanced ones.'
      : 'The documents are files: nothing is paid for them.',
    'The database holds nothing else; bytes are of the data, without what the database adds to each key.',
  ]
}

const THROTTLED =
  'Clients use the application, so that runs keep out of their way: reckoned with the smallest batches that they may come to, which is more commands and more time than most need.'

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
