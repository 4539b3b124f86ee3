import { spanOf } from '../readiness.js'
import type { Verdict } from './evidence.js'
import type { Condition } from './plan.js'
import type { PlanState } from './state.js'
import { soakLeftMs } from './weigh.js'

/** What a plan waits for now, in words; `null`: it is finished, or is acting at this moment. */
export interface Waits {
  /** The kind of the condition that holds it up, or `operator`, `blocked`, `action-done`, `soak`, `first-look`. */
  gate: string
  /** The collection or component that it is about; `null`: the whole plan. */
  about: string | null
  inWords: string
  /** Wall-clock milliseconds since when it is this that it waits for, as far as its decisions tell. */
  since: number
  /** Further gates that are not passed yet. */
  more: number
}

export function waitsOfPlan(state: PlanState, now: number): Waits | null {
  const { status, rollingBack, blocked, claim } = state
  if (status === 'finished') return null
  if (status === 'turned-back' && rollingBack.length > 0) {
    const [about = null] = rollingBack
    return single('roll-back', about, `${rollingBack.join(', ')} to be taken back`, sinceDecision(state))
  }
  if (status !== 'running') return single('operator', null, OPERATOR[status], sinceDecision(state))
  if (claim !== null && now < claim.until) return null
  const [refused, ...others] = Object.entries(blocked)
  if (refused !== undefined) {
    const [about, why] = refused
    const words = `the step's action on ${about}, which could not be carried out yet: ${why}`
    return { ...single('blocked', about, words, sinceDecision(state)), more: others.length }
  }
  return ofVerdicts(state, now)
}

const OPERATOR = {
  paused: 'an operator who resumes it; it is paused',
  'turned-back': 'an operator who resumes or overrules it; it was turned back',
  failed: 'an operator who looks into why it failed',
} as const

function single(gate: string, about: string | null, inWords: string, since: number): Waits {
  return { gate, about, inWords, since, more: 0 }
}

/** A condition that fails comes before one that lacks evidence; the soak time, which passes by itself, comes last. */
function ofVerdicts(state: PlanState, now: number): Waits {
  const { verdicts, weighedAt, stepStartedAt } = state
  const leftMs = soakLeftMs(state, now)
  const open = verdicts.filter(({ outcome, condition }) => outcome !== 'pass' && condition.kind !== 'soak')
  const [first] = [...open.filter(({ outcome }) => outcome === 'fail'), ...open]
  if (first !== undefined) {
    const { condition, collection } = first
    const words = `${gateInWords(first)}${leftMs > 0 ? `; and ${soakInWords(leftMs)}` : ''}`
    return { ...single(condition.kind, collection, words, sinceDecision(state)), more: open.length - 1 }
  }
  if (leftMs > 0) return single('soak', null, soakInWords(leftMs), stepStartedAt)
  if (weighedAt === null) return single('first-look', null, 'the next tick of the cron', stepStartedAt)
  return single('next-look', null, 'the next tick of the cron, which leaves the step', weighedAt)
}

function soakInWords(leftMs: number): string {
  return `${spanOf(leftMs / 1000)} of soak time`
}

/** The latest decision of this entry into the step. */
function sinceDecision({ history, stepStartedAt, stepIndex, plan }: PlanState): number {
  const name = plan.steps[stepIndex]?.name
  const latest = history.at(-1)
  return latest !== undefined && latest.after.step === name ? Math.max(latest.at, stepStartedAt) : stepStartedAt
}

/** What would have to be so, and what was found. */
function gateInWords({ condition, collection, outcome, because, numbers }: Verdict): string {
  const of = collection === null ? '' : ` of ${collection}`
  const found = Object.entries(numbers).map(([name, value]) => `${name} ${value}`)
  const now = `${outcome === 'fail' ? 'failing' : 'open'}: ${because}${found.length === 0 ? '' : ` (${found.join(', ')})`}`
  return `${conditionInWords(condition)}${of}, ${now}`
}

/** What has to be so, for people. */
export function conditionInWords(condition: Verdict['condition']): string {
  return CONDITIONS[condition.kind](condition)
}

type Kinds = Verdict['condition']['kind']

const CONDITIONS: { [kind in Kinds]: (condition: Verdict['condition']) => string } = {
  'stores-healthy': () => 'both stores healthy',
  'pass-complete': () => 'a complete back-fill',
  'validation-clean': () => 'a complete validation without a mismatch',
  comparisons: () => 'enough compared reads with few mismatches',
  'error-rate': () => 'enough operations with few errors',
  'no-dead-letters': () => 'no records set aside',
  'no-alerts': () => 'no open alerts',
  'zero-loss': () => 'the proof that nothing was lost',
  'no-breach': () => 'rules that were weighed without a breach',
  checkpoint: (condition) => `the checkpoint ${(condition as Extract<Condition, { kind: 'checkpoint' }>).checkpoint}`,
  threshold: (condition) => `${(condition as Extract<Condition, { kind: 'threshold' }>).metric} within its threshold`,
  'action-done': () => "the step's action to be done",
  soak: () => 'the soak time',
  'rollout-held': () => 'the rollout to be as the step has set it',
}
