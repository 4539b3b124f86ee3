import type { Part } from '../state.js'
import type { Tone } from './panel.js'

type Rollback = Part<'rollbacks'>['items'][number]

/** Where it leads, or has led as far as it came: the last place that its steps name. */
export function goalOf({ steps }: Pick<Rollback, 'steps'>): string {
  const goal = steps.map(({ step }) => step).findLast(({ kind }) => kind === 'move' || kind === 'rollout')
  if (goal?.kind === 'move') return goal.to
  return goal?.kind === 'rollout' ? `${goal.percent} % on the new path` : 'as it is'
}

export const ROLLBACK_STATUSES: { readonly [status in Rollback['status']]: Word } = {
  'under-way': { tone: 'busy', word: 'under way' },
  completed: { tone: 'good', word: 'completed' },
  failed: { tone: 'bad', word: 'failed' },
  superseded: { tone: 'quiet', word: 'another took over' },
  stopped: { tone: 'warn', word: 'stopped where it stood' },
}

/** Before the name of who did it. */
export const CAUSES: { readonly [cause in Rollback['cause']['kind']]: string } = {
  operator: 'by',
  trigger: 'a rule was breached, by',
  program: 'its program turned back, by',
  'emergency-stop': 'emergency stop, by',
  override: 'forced by the environment, by',
}

export const STEP_STATUSES: { readonly [status in Rollback['steps'][number]['status']]: Word } = {
  'to-do': { tone: 'quiet', word: 'to do' },
  'under-way': { tone: 'busy', word: 'under way' },
  done: { tone: 'good', word: 'done' },
  skipped: { tone: 'quiet', word: 'not needed' },
  failed: { tone: 'bad', word: 'failed' },
}

interface Word {
  tone: Tone
  word: string
}
