import { CutoverError } from '../../core/error.js'
import { type Action, isPending, type Standing } from '../../core/monitor/standing.js'
import type { Rollback } from '../../core/rollback/rollback.js'
import { type Stage, stageIndex } from '../../core/stage.js'
import { writing } from '../alerts/kept.js'
import { aboutRollback } from '../alerts/of-entry.js'
import { prepareAlert } from '../alerts/raise.js'
import type { EngineContext } from '../context.js'
import { listKept, readRollback } from '../rollback/kept.js'
import { rollBackComponent } from '../rollback/roll-back-component.js'
import { readDecision } from './decisions.js'
import { keyOfStandings, readStandings } from './kept.js'
import { BY } from './weigh-component.js'

/**
 * Carries out what breaches of a component have led to, at every turn until it is over. Whoever carries out an action
 * holds it for a minute by compare-and-swap, so that two instances do not both begin; one that stops half-way leaves
 * an action that is taken up again, which first looks for the rollback that was begun for the same decision. Hence one
 * rollback for one decision, and none forgotten.
 */
export async function carryOut(context: EngineContext, component: string, coolDownMs: CoolDown): Promise<string[]> {
  const done: string[] = []
  for (const rule of await furthestFirst(context, component)) {
    // Read again each time: what one rollback has done is done for every rule that asked for it.
    const action = (await readStandings(context, component)).standings[rule]?.action ?? null
    const held = isPending(action) ? await claim(context, component, rule, action) : null
    if (held === null) continue
    const outcome = await attempt(context, component, held)
    await record(context, component, rule, held, outcome, coolDownMs)
    done.push(`${rule}: ${outcome.status}`)
  }
  return done
}

/** Rules whose action is not over; the one that leads furthest back comes first, since it does for the others too. */
async function furthestFirst(context: EngineContext, component: string): Promise<string[]> {
  const { standings } = await readStandings(context, component)
  const pending = Object.values(standings).filter(({ action }) => isPending(action))
  if (pending.length < 2) return pending.map(({ rule }) => rule)
  const goals = await Promise.all(
    pending.map(async ({ rule, action }) => {
      const decision = await readDecision(context, action?.decision ?? '')
      return { rule, goal: stageIndex(decision.rule.rollBackTo) }
    }),
  )
  return goals.sort((a, b) => a.goal - b.goal).map(({ rule }) => rule)
}

/** How long a rule acts no more after it has acted, in milliseconds. */
export type CoolDown = (rule: string) => number

const CLAIM_MS = 60_000
const ATTEMPTS_MAX = 5
/** Rollbacks that are looked through for the one of a decision. */
const LOOKED_THROUGH = 50

/** `null`: somebody else carries it out, or has. What is merely waited for needs no holding. */
async function claim(context: EngineContext, component: string, rule: string, action: Action): Promise<Action | null> {
  const now = context.clock.now()
  if (action.status === 'under-way') return action
  if (action.claimedUntil > now) return null
  const claimed = { ...action, claimedUntil: now + CLAIM_MS, attempts: action.attempts + 1 }
  const held = await readStandings(context, component)
  const standing = held.standings[rule]
  const same = standing?.action?.decision === action.decision && standing.action.attempts === action.attempts
  if (standing === undefined || !same) return null
  const standings = { ...held.standings, [rule]: { ...standing, action: claimed } }
  const answer = await context.ledger.commit([writing(keyOfStandings(component), held.revision, standings)])
  return answer.kind === 'committed' ? claimed : null
}

type Attempted = Pick<Action, 'status' | 'because' | 'rollbackId'> & { inWords: string }

async function attempt(context: EngineContext, component: string, action: Action): Promise<Attempted> {
  try {
    const begun = await begunFor(context, component, action)
    return told(begun ?? (await begin(context, component, action)))
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
    // Whoever is away will be there at another turn; what is refused will be refused again.
    if (AWAY.has(error.code)) return { ...action, inWords: error.message }
    return { status: 'failed', because: 'rollback-refused', rollbackId: null, inWords: error.message }
  }
}

const AWAY: ReadonlySet<CutoverError['code']> = new Set(['unavailable', 'outcome-unknown', 'contended', 'conflict'])

async function begunFor(context: EngineContext, component: string, action: Action): Promise<Rollback | null> {
  if (action.rollbackId !== null) return await ifKept(context, action.rollbackId)
  if (action.attempts <= 1) return null
  const { items } = await listKept(context.ledger, null, LOOKED_THROUGH)
  const found = items.find(
    ({ rollback: { component: of, cause } }) => of === component && cause.decision === action.decision,
  )
  return found?.rollback ?? null
}

/** `null`: it was begun while the ledger did not answer, and is not in it (yet): asked for again, it is joined. */
async function ifKept({ ledger }: EngineContext, id: string): Promise<Rollback | null> {
  try {
    return (await readRollback(ledger, id)).rollback
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'not-found') return null
    throw error
  }
}

async function begin(context: EngineContext, component: string, { decision }: Action): Promise<Rollback> {
  const { rule } = await readDecision(context, decision)
  const isCollection = context.collections.some(({ name }) => name === component)
  const to: { to?: Stage } = isCollection ? { to: rule.rollBackTo } : {}
  // A rule of one's own may have no description.
  const what = [`${rule.name} is breached`, rule.description].filter((part) => part !== '').join(': ')
  return rollBackComponent(
    context,
    { component, ...to, cause: { kind: 'trigger', decision } },
    { by: BY, reason: `${what} (decision ${decision})` },
  )
}

function told({ id, status, inWords }: Rollback): Attempted {
  const rollbackId = id
  switch (status) {
    case 'completed':
      return { status: 'done', because: 'breach', rollbackId, inWords }
    case 'under-way':
    case 'superseded': // another goes as far or further, and is looked after by itself
      return { status: status === 'superseded' ? 'done' : 'under-way', because: 'breach', rollbackId, inWords }
    case 'failed':
    case 'stopped':
      return { status: 'failed', because: 'rollback-failed', rollbackId, inWords }
  }
}

/** Keeps what came of it, with the alert that tells of it, unless somebody else has. */
async function record(
  context: EngineContext,
  component: string,
  rule: string,
  action: Action,
  { status, because, rollbackId, inWords }: Attempted,
  coolDownMs: CoolDown,
): Promise<void> {
  const now = context.clock.now()
  const next: Action = { ...action, status, because, rollbackId, claimedUntil: 0 }
  if (status === action.status && rollbackId === action.rollbackId && status === 'under-way') return
  const over = !isPending(next)
  for (let attempts = 0; attempts < ATTEMPTS_MAX; attempts++) {
    const held = await readStandings(context, component)
    const standing = held.standings[rule]
    if (standing?.action?.decision !== action.decision || !isPending(standing.action)) return
    const after = { ...held.standings, [rule]: { ...standing, action: next } }
    const standings = over ? ended(after, next, now, coolDownMs) : after
    const alert = over ? await alertOf(context, component, rule, next, inWords) : null
    const changes = [writing(keyOfStandings(component), held.revision, standings), ...(alert?.changes ?? [])]
    if ((await context.ledger.commit(changes, alert?.entries ?? [])).kind === 'conflict') continue
    alert?.told()
    return
  }
}

/**
 * What the end of an action is to every rule of the component. A rollback changes what is measured: nothing from before
 * is evidence any more, and whoever else had decided on one has it.
 */
function ended(
  standings: { readonly [rule: string]: Standing },
  { decision, status, rollbackId }: Action,
  now: number,
  coolDownMs: CoolDown,
): { [rule: string]: Standing } {
  const all = Object.values(standings).map((standing): [string, Standing] => {
    const { rule, action } = standing
    const own = action?.decision === decision
    if (status !== 'done') return [rule, own ? { ...standing, coolUntil: now + coolDownMs(rule) } : standing]
    const fresh = { ...standing, evidenceFrom: now }
    if (!own && action?.status !== 'decided') return [rule, fresh]
    const over = action === null ? null : { ...action, status, rollbackId, claimedUntil: 0 }
    return [rule, { ...fresh, status: 'clear', since: now, coolUntil: now + coolDownMs(rule), action: over }]
  })
  return Object.fromEntries(all)
}

function alertOf(context: EngineContext, component: string, rule: string, action: Action, inWords: string) {
  const done = action.status === 'done'
  return prepareAlert(
    context,
    {
      about: aboutRollback(action.rollbackId ?? action.decision),
      severity: done ? 'info' : 'critical',
      kind: done ? 'rolled-back' : 'rollback-failed',
      component,
      message: done
        ? `${component} was rolled back, for it breached ${rule}. ${inWords}`
        : `${component} breached ${rule} and could not be rolled back: ${inWords}`,
      decision: action.decision,
      once: true,
    },
    BY,
  )
}
