import type { Component } from '../../core/component.js'
import { CutoverError } from '../../core/error.js'
import { reach } from '../../core/fence.js'
import { actionOf, type Decision, eventOf } from '../../core/monitor/decision.js'
import type { Bucket } from '../../core/monitor/estimate.js'
import { explain, inShort } from '../../core/monitor/explain.js'
import { type Rule, reachOf } from '../../core/monitor/rule.js'
import { type Action, isPending, type Standing } from '../../core/monitor/standing.js'
import { type Place, type Weighed, weigh } from '../../core/monitor/weigh.js'
import { type Stage, stageIndex } from '../../core/stage.js'
import type { Change, Entry } from '../../ports/ledger.js'
import { newestFirstId, type ToCommit, writing } from '../alerts/kept.js'
import { prepareResolution } from '../alerts/move.js'
import { prepareAlert, type Raising } from '../alerts/raise.js'
import type { EngineContext } from '../context.js'
import { pairsOf } from '../stages/move.js'
import { stateEntry } from '../state/journal.js'
import { DECISION, type HeldStandings, keyOfStandings, readStandings } from './kept.js'

export interface ComponentWeighed {
  breaches: string[]
  cleared: string[]
  undecided: number
  /** Something that was decided is not over: it is to be carried out. */
  pending: boolean
}

/** What is known already, of a component that is weighed together with others. */
export interface Known {
  held?: HeldStandings | null
  /** What was measured of it, or of more, from then on that its rules reach back to. */
  buckets?: readonly Bucket[] | null
}

/**
 * Weighs every rule of one component and keeps what came of it in one commit: where the rules stand, the decisions, the
 * alerts, what is to be done. A conflict: another instance has weighed at the same time, and what it kept holds.
 */
export async function weighComponent(
  context: EngineContext,
  component: Component,
  rules: readonly Rule[],
  known: Known = {},
): Promise<ComponentWeighed | 'overtaken'> {
  const { ledger, clock } = context
  const held = known.held ?? (await readStandings(context, component.name))
  const now = clock.now()
  const buckets = await bucketsOf(context, component.name, rules, now, known.buckets ?? null)
  // Of what was never measured nothing is kept: a ledger that was closed stays empty.
  if (buckets.length === 0 && held.revision === null) return { ...NOTHING }
  const stage = rules.some(({ stages, action }) => stages !== null || action === 'roll-back')
    ? await stageOf(context, component)
    : null
  const turn = { context, component, buckets, now, stage }
  const report: ComponentWeighed = { ...NOTHING, breaches: [], cleared: [] }
  const kept: Kept = { standings: {}, changes: [], entries: [], alerts: [] }
  for (const rule of rules) {
    await weighOne(turn, rule, held.standings[rule.name] ?? null, kept)
    const standing = kept.standings[rule.name]
    if (standing?.outcome === 'breach') report.breaches.push(rule.name)
    if (standing?.outcome === 'not-enough-evidence') report.undecided += 1
    if (standing?.because === 'cleared') report.cleared.push(rule.name)
  }
  await letGo(turn, held, rules, kept)
  const changes = [
    writing(keyOfStandings(component.name), held.revision, kept.standings),
    ...kept.changes,
    ...kept.alerts.flatMap((alert) => alert.changes),
  ]
  const entries = [...kept.entries, ...kept.alerts.flatMap((alert) => alert.entries)]
  if ((await ledger.commit(changes, entries)).kind === 'conflict') return 'overtaken'
  for (const { told } of kept.alerts) told()
  return { ...report, pending: Object.values(kept.standings).some(({ action }) => isPending(action)) }
}

const NOTHING: ComponentWeighed = { breaches: [], cleared: [], undecided: 0, pending: false }

async function bucketsOf(
  { metrics }: EngineContext,
  component: string,
  rules: readonly Rule[],
  now: number,
  known: readonly Bucket[] | null,
): Promise<readonly Bucket[]> {
  if (rules.length === 0) return []
  const from = now - Math.max(0, ...rules.map(reachOf))
  if (known === null) return metrics.read({ from, to: now, of: { component } })
  return known.flatMap((bucket) => {
    const measurements = bucket.measurements.filter((one) => one.component === component)
    return bucket.at < from || measurements.length === 0 ? [] : [{ ...bucket, measurements }]
  })
}

export const BY = 'monitor'

export function aboutBreach(rule: string, component: string): string {
  return `breach-${rule}-${component}`
}

interface Turn {
  context: EngineContext
  component: Component
  buckets: readonly Bucket[]
  now: number
  stage: Stage | null
}

interface Kept {
  standings: { [rule: string]: Standing }
  changes: Change[]
  entries: Entry[]
  alerts: ToCommit[]
}

async function weighOne(turn: Turn, rule: Rule, standing: Standing | null, kept: Kept): Promise<void> {
  const { context, component, buckets, now } = turn
  const weighed = weigh(rule, standing, buckets, now, placeOf(rule, component, turn.stage))
  const autoRollback = context.switches.autoRollback !== false
  const action = actionOf(rule, standing, weighed, { now, autoRollback, stage: turn.stage })
  const event = eventOf(standing, weighed, action.kind !== 'none', now)
  const id = event === null ? null : newestFirstId(context.clock)
  const next = after(standing, { rule, weighed, action, decision: id, now })
  kept.standings[rule.name] = next
  const decision: Decision | null =
    event === null || id === null
      ? null
      : {
          id,
          at: now,
          component: component.name,
          rule,
          event,
          outcome: weighed.outcome,
          because: weighed.because,
          before: standing === null ? null : { outcome: standing.outcome, status: standing.status },
          status: weighed.status,
          windows: weighed.windows,
          action,
          alert: null,
        }
  if (weighed.outcome === 'breach') {
    const alert = await alertOf(turn, rule, weighed, decision, next)
    kept.alerts.push(alert)
    if (decision !== null) decision.alert = alert.raised.id
  }
  if (weighed.because === 'cleared') await resolve(turn, rule.name, 'the breach is over', kept)
  if (decision === null) return
  kept.changes.push(writing(DECISION + decision.id, null, decision))
  kept.entries.push(stateEntry('metric', { ...decision, sentence: explain(decision) }))
}

/** One alert about a breach, however often it is weighed; nothing is written where nothing is new. */
function alertOf(
  { context, component }: Turn,
  rule: Rule,
  weighed: Weighed,
  decision: Decision | null,
  standing: Standing,
): Promise<Raising> {
  const doing = {
    none: '',
    'roll-back': ` ${component.name} is rolled back.`,
    withheld: withheld(standing.action),
  }[decision?.action.kind ?? 'none']
  const { severity, escalateAfterMinutes } = rule
  return prepareAlert(
    context,
    {
      about: aboutBreach(rule.name, component.name),
      severity,
      kind: 'breach',
      component: component.name,
      message: inShort(component.name, rule, weighed.windows) + doing,
      escalateAfterMs: escalateAfterMinutes === null ? null : escalateAfterMinutes * 60_000,
      ...(standing.decision === null ? {} : { decision: standing.decision }),
    },
    BY,
  )
}

function withheld(action: Action | null): string {
  return action?.because === 'auto-rollback-off'
    ? ' It is not rolled back, for MCP_ENABLE_AUTO_ROLLBACK is false: somebody has to decide.'
    : ' It is not rolled back now, for the rule has acted a short time ago.'
}

function after(
  standing: Standing | null,
  {
    rule,
    weighed,
    action,
    decision,
    now,
  }: {
    rule: Rule
    weighed: Weighed
    action: Decision['action']
    decision: string | null
    now: number
  },
): Standing {
  const moved = weighed.status !== (standing?.status ?? 'clear')
  const { outcome, because, windows, status } = weighed
  return {
    rule: rule.name,
    status,
    outcome,
    because,
    numbers: windows[0]?.numbers ?? {},
    weighedAt: now,
    since: moved || standing === null ? now : standing.since,
    alerted: outcome === 'breach' || (because !== 'cleared' && (standing?.alerted ?? false)),
    breachedAt: outcome === 'breach' ? now : (standing?.breachedAt ?? null),
    storedAt: decision === null ? (standing?.storedAt ?? now) : now,
    decision: moved || action.kind === 'roll-back' || standing === null ? decision : standing.decision,
    evidenceFrom: standing?.evidenceFrom ?? 0,
    coolUntil: standing?.coolUntil ?? 0,
    action: nextAction(standing?.action ?? null, action, decision, now),
  }
}

function nextAction(
  before: Action | null,
  action: Decision['action'],
  decision: string | null,
  now: number,
): Action | null {
  if (action.kind === 'none' || decision === null) return before
  const fresh = { decision, at: now, claimedUntil: 0, attempts: 0, rollbackId: null }
  if (action.kind === 'withheld') return { ...fresh, status: 'withheld', because: action.because }
  return { ...fresh, status: 'decided', because: 'breach' }
}

/** Of rules that are not armed any more nothing is kept but what they have begun, until it has ended. */
async function letGo(turn: Turn, { standings }: HeldStandings, rules: readonly Rule[], kept: Kept): Promise<void> {
  for (const [name, standing] of Object.entries(standings)) {
    if (rules.some((rule) => rule.name === name)) continue
    if (standing.action?.status === 'under-way') kept.standings[name] = standing
    else if (standing.alerted) await resolve(turn, name, 'the rule is not armed any more', kept)
  }
}

async function resolve({ context, component }: Turn, rule: string, reason: string, kept: Kept): Promise<void> {
  const resolution = await prepareResolution(context, aboutBreach(rule, component.name), { by: BY, reason })
  if (resolution !== null) kept.alerts.push(resolution)
}

function placeOf({ stages }: Rule, { kind }: Component, stage: Stage | null): Place {
  if (stages === null || kind !== 'collection') return 'applies'
  if (stage === null) return 'stage-unknown'
  return stages.includes(stage) ? 'applies' : 'not-at-this-stage'
}

/** The furthest stage of any of its slots; `null`: it cannot be told now. */
async function stageOf(context: EngineContext, component: Component): Promise<Stage | null> {
  if (component.kind !== 'collection') return null
  const collection = context.collections.find(({ name }) => name === component.collection)
  if (collection === undefined) return null
  let furthest: Stage = 'off'
  try {
    for (const [source] of pairsOf(collection)) {
      const { stage } = reach((await source.control()).fence)
      if (stageIndex(stage) > stageIndex(furthest)) furthest = stage
    }
    return furthest
  } catch (error) {
    if (error instanceof CutoverError) return null
    throw error
  }
}
