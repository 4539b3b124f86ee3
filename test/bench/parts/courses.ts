import { commandsOf } from '../../../lib/core/estimate/usage.js'
import { HOURLY } from '../../../lib/core/estimate/watching.js'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import { type Amounts, added, amountsOf, type Compared, comparedOf, less, NOTHING, summed } from './compared.js'
import { COLLECTION, type Estimate, type Reckoned, recordOf } from './reckoned.js'

const PATH = `/collections/${COLLECTION}`
const REASON = { reason: 'as it was estimated' }

/**
 * A migration by an operator's calls, action by action, while no client is there. Without the export, which reads as
 * clients do: the clean-up would keep out of its way for a minute. The autopilot's export is counted instead.
 */
export async function byHand(at: Reckoned, quietMs: number): Promise<{ compared: Compared[]; total: Compared }> {
  let estimate: Estimate | undefined
  const { firstUses } = await at.count(async () => {
    estimate = await at.estimate(`course=by-hand&collections=${COLLECTION}&quietMs=${quietMs}`)
  })
  const compared: Compared[] = []
  for (const { step, what, ...estimated } of estimate?.work ?? []) {
    if (what === 'export') continue
    const counts = await at.count(() => act(at, what, quietMs))
    compared.push(comparedOf(kindOf(what), `${step}: ${what}`, amountsOf(estimated), counts))
  }
  return { compared, total: totalOf(estimate, compared, firstUses) }
}

/** All of a course; texts of scripts, which are sent once, are in the estimate's total as well. */
function totalOf(estimate: Estimate | undefined, compared: readonly Compared[], firstUses: number): Compared {
  if (estimate === undefined) throw new Error('There is no estimate.')
  const { totals, work } = estimate
  const exported = work.filter(({ what }) => what === 'export').map(amountsOf)
  const estimated = exported.reduce(less, amountsOf(totals))
  const scripts = compared.reduce((sum, one) => sum + one.firstUses, firstUses)
  const counted = summed(compared, 'counted')
  const all = { ...counted, commands: counted.commands + scripts }
  return { kind: 'all', what: 'all of it', estimated, counted: all, firstUses: scripts }
}

/** So many reads and writes of clients in every stage; the operator brings the collection from one to the next. */
export async function clients(at: Reckoned, operations: number): Promise<Compared[]> {
  const { trafficPer1000 } = await at.estimate(`collections=${COLLECTION}`)
  const compared: Compared[] = []
  for (const { stage, readCommands, writeCommands, ...documents } of trafficPer1000) {
    if (stage === 'off') continue
    // The pass without which nothing is live; it would keep out of the way of the clients that were just here.
    if (stage === 'live') await at.count(() => at.operate('POST', `${PATH}/backfill`, { ...REASON, throttle: false }))
    const risk = stage === 'complete' ? { acceptRisk: 'zero-loss-not-proved' } : {}
    await at.operate('POST', `${PATH}/advance`, { ...REASON, to: stage, ...risk })
    const share = operations / 1_000
    const estimated = {
      ...NOTHING,
      commands: share * (readCommands + writeCommands) + operations * COUNTS_WRITTEN,
      documentReads: share * (documents.readDocumentReads + documents.writeDocumentReads),
      documentWrites: share * documents.writeDocumentWrites,
    }
    const counts = await at.count(() => serve(at, operations))
    const what = `${operations} reads and ${operations} writes in ${stage}`
    compared.push(comparedOf('traffic', what, estimated, counts))
  }
  return compared
}

/** The instance writes its counts of traffic when it is done with what comes after an answer. */
const COUNTS_WRITTEN = 1

async function act(at: Reckoned, what: string, quietMs: number): Promise<void> {
  const stage = /^to (\w+)/.exec(what)?.[1]
  if (stage !== undefined) await at.operate('POST', `${PATH}/advance`, { ...REASON, to: stage })
  else if (what === 'clean-up') await at.operate('POST', `${PATH}/clean-up`, { ...REASON, quietMs })
  else await at.operate('POST', `${PATH}/${what}`, REASON)
}

/**
 * Whole records, one after the other, each with what comes after its answer: reads of one moment would share a command,
 * and so would copies to the other store.
 */
async function serve(at: Reckoned, operations: number): Promise<void> {
  const { ids, running } = at
  for (let number = 0; number < operations; number++) {
    const record = (number * 7) % ids.length
    const url = `${running.url}/api/v1/${COLLECTION}/${ids[record]}`
    const body = JSON.stringify(recordOf(record, CHARS_WRITTEN))
    const answers = [
      await fetch(url),
      await fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body }),
    ]
    const failed = answers.find(({ ok }) => !ok)
    if (failed !== undefined) throw new Error(`${url}: ${failed.status} ${await failed.text()}`)
    await running.wired.drained()
  }
}

const CHARS_WRITTEN = 200

/**
 * The default plan by the autopilot, tick by tick, up to the clean-up, whose quiet time is real. The gates that wait for
 * clients are left out; all evidence is gathered at every tick all the same. Steps are left when the operator
 * says so, after as many ticks as were estimated, so that no clock decides what is counted.
 */
export async function theWeekByAutopilot(at: Reckoned): Promise<{ compared: Compared[]; total: Compared }> {
  const estimate = await at.estimate(`collections=${COLLECTION}&timeScale=${TIME_SCALE}&tickSeconds=1`)
  const steps = theWeek([COLLECTION]).steps.map((step) => ({
    ...step,
    gate: step.gate.filter(({ kind }) => kind !== 'comparisons' && kind !== 'error-rate'),
    soakMs: ENDLESS_MS,
  }))
  await at.operate('POST', '/plans', { ...REASON, collections: [COLLECTION], steps })
  const compared: Compared[] = []
  for (const { step, ticks, ...told } of estimate.steps) {
    if (step === 'clean-up') break
    let [counts, firstUses] = [NOTHING, 0]
    for (let done = 0; done < ticks; done++) {
      const { firstUses: first, ...more } = await at.count(at.tick)
      counts = added(counts, more)
      firstUses += first
    }
    await at.operate('POST', '/plans/the-week/overrule', { ...REASON, verb: 'advance' })
    const what = `${step}, ${ticks} ticks`
    const estimated = compared.length === 0 ? added(amountsOf(told), FIRST_HOUR) : amountsOf(told)
    compared.push(comparedOf('autopilot and watch', what, estimated, { ...counts, firstUses }))
  }
  const [estimated, counted] = [summed(compared, 'estimated'), summed(compared, 'counted')]
  return { compared, total: { kind: 'all', what: 'all ticks', estimated, counted, firstUses: 0 } }
}

/**
 * What is done once an hour is done by the first tick that finds something in the ledger, which makes sure that there is;
 * the estimate spreads it over the ticks of an hour.
 */
const FIRST_HOUR: Amounts = { ...NOTHING, commands: commandsOf(HOURLY) + 1 }

/** Soak times are over by the tick after the next, in the estimate. */
const TIME_SCALE = 10_000_000
const ENDLESS_MS = 1e9

function kindOf(what: string): Compared['kind'] {
  if (what === 'backfill') return 'back-fill'
  if (what === 'validate' || what === 'zero-loss') return 'validation'
  return what === 'export' || what === 'clean-up' ? what : 'stage changes'
}
