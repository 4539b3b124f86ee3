import type { PlanAction, PlanStep } from '../plan/plan.js'

/**
 * A migration by hand: the same way as the default plan's, by an operator's calls, without gates and soak times. When
 * each call comes is the operator's affair, so its days are not known.
 */
export function byHand(): PlanStep[] {
  const { move, run } = ACTIONS
  return [
    step('dual-write', move('dualwrite'), 'off'),
    step('copy', run('backfill'), 'off'),
    step('shadow', move('shadow'), 'dualwrite'),
    step('pass', run('backfill'), 'dualwrite'),
    step('validate', run('validate'), 'dualwrite'),
    step('live', move('live'), 'shadow'),
    step('writes-target', move('rampdown'), 'live'),
    step('zero-loss', run('zero-loss'), 'live'),
    step('cutover', move('complete'), 'rampdown'),
    step('export', { kind: 'export' }, 'rampdown'),
    step('clean-up', { kind: 'clean-up' }, null),
  ]
}

type Moved = Extract<PlanAction, { kind: 'move' }>['to']

const ACTIONS = {
  move: (to: Moved): PlanAction => ({ kind: 'move', to, rolloutPercent: 100 }),
  run: (kind: 'backfill' | 'validate' | 'zero-loss'): PlanAction => ({ kind: 'run', run: kind }),
}

function step(name: string, action: PlanAction, back: Moved | null): PlanStep {
  const rollback = back === null ? null : { to: back }
  return { name, day: 0, action, gate: [], soakMs: 0, onFail: 'wait', rollback }
}
