import type { Part } from '../state.js'
import type { Tone } from './panel.js'

export type PlanState = Part<'plans'>[number]

interface Word {
  tone: Tone
  word: string
}

export const PLAN_STATUSES: { readonly [status in PlanState['status']]: Word } = {
  running: { tone: 'busy', word: 'at work' },
  paused: { tone: 'warn', word: 'paused' },
  'turned-back': { tone: 'bad', word: 'turned back' },
  finished: { tone: 'good', word: 'finished' },
  failed: { tone: 'bad', word: 'failed' },
}

export const PROGRAM_STATUSES: { readonly [status in Part<'programs'>[number]['status']]: Word } = {
  running: { tone: 'busy', word: 'at work' },
  paused: { tone: 'warn', word: 'paused' },
  failed: { tone: 'bad', word: 'failed' },
  cancelled: { tone: 'quiet', word: 'cancelled' },
  finished: { tone: 'good', word: 'finished' },
}

type PhaseStatus = Part<'programs'>[number]['phases'][number]['status']

export const PHASE_STATUSES: { readonly [status in PhaseStatus]: Word } = {
  waiting: { tone: 'quiet', word: 'not begun' },
  running: { tone: 'busy', word: 'at work' },
  checking: { tone: 'busy', word: 'being checked' },
  finished: { tone: 'good', word: 'finished' },
  'turning-back': { tone: 'warn', word: 'turning back' },
  'turned-back': { tone: 'bad', word: 'turned back' },
  failed: { tone: 'bad', word: 'failed' },
  skipped: { tone: 'quiet', word: 'skipped' },
}

/** `plan-turned-back` as `turned back`. */
export function decisionInWords(kind: string): string {
  return kind.replace(/^(?:plan|program|phase)-/, '').replaceAll('-', ' ')
}

/** What a gate that fails comes to. */
export function failInWords({ onFail, back }: Pick<PlanState['course'][number], 'onFail' | 'back'>): string {
  if (onFail === 'wait') return back === null ? 'it stays and says so; no way back from here' : 'it stays and says so'
  return back === null ? 'it stops: there is no way back from here' : `it turns back to ${back}`
}
