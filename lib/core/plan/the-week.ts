import type { Condition, MigrationPlan, PlanStep } from './plan.js'

/**
 * The default plan, from nothing to a target that holds only the application's data, in seven days. Each day's soak
 * times add up to a day. Up to Day 5 every step can be taken back at once; in rampdown and complete back to live or
 * rampdown; after the clean-up there is no way back.
 */
export function theWeek(collections: readonly string[], options: WeekOptions = {}): MigrationPlan {
  const { name = 'the-week', timeScale = 1 } = options
  return { name, collections, steps: [...copying(options), ...cutting(options)], timeScale }
}

export interface WeekOptions {
  name?: string
  timeScale?: number
  /** Records a validation must have compared. Default 1; 0 accepts an empty collection. */
  minCompared?: number
  /** Sampled read comparisons before a read rollout grows. Default 100. */
  minSamples?: number
  /** Default 0: one confirmed difference turns back. */
  maxMismatchShare?: number
  /** Default 100. */
  minOperations?: number
  /** Default 0.01. */
  maxErrorShare?: number
}

const HOUR_MS = 3_600_000
const healthy: Condition = { kind: 'stores-healthy' }
const noAlerts: Condition = { kind: 'no-alerts' }
const noDeadLetters: Condition = { kind: 'no-dead-letters' }
const passComplete: Condition = { kind: 'pass-complete' }

function copying(options: WeekOptions): PlanStep[] {
  const { errorRate, clean } = measured(options)
  return [
    step(1, 'infrastructure', { kind: 'none' }, [healthy, noAlerts], 0, 'wait', null),
    step(1, 'dual-write', move('dualwrite'), [healthy, errorRate, noAlerts], 24, 'turn-back', { to: 'off' }),
    // Dead letters harm nobody yet: they are retried or dropped, and the plan goes on.
    step(2, 'copy', run('backfill'), [passComplete, noDeadLetters], 24, 'wait', { to: 'off' }),
    step(3, 'shadow', move('shadow'), [healthy, errorRate, noAlerts], 6, 'turn-back', { to: 'dualwrite' }),
    step(3, 'pass', run('backfill'), [passComplete, noDeadLetters], 6, 'wait', { to: 'dualwrite' }),
    step(3, 'validate', run('validate'), [clean, noAlerts], 12, 'turn-back', { to: 'dualwrite' }),
  ]
}

function cutting(options: WeekOptions): PlanStep[] {
  const { errorRate, clean, comparisons } = measured(options)
  const reads = (percent: number): PlanStep => {
    const gate = [healthy, comparisons, errorRate, noAlerts]
    return step(4, `reads-${percent}`, move('live', percent), gate, 8, 'turn-back', { to: 'shadow' })
  }
  const proof: Condition[] = [{ kind: 'zero-loss' }, noDeadLetters, noAlerts]
  return [
    reads(10),
    reads(50),
    reads(100),
    step(5, 'writes-both', run('validate'), [clean, passComplete, errorRate], 12, 'turn-back', { to: 'shadow' }),
    step(5, 'writes-target', move('rampdown'), [healthy, errorRate, noAlerts], 12, 'turn-back', { to: 'live' }),
    step(6, 'zero-loss', run('zero-loss'), proof, 0, 'turn-back', { to: 'live' }),
    step(6, 'cutover', move('complete'), [errorRate, noAlerts], 24, 'turn-back', { to: 'rampdown' }),
    step(7, 'export', { kind: 'export' }, [noDeadLetters, noAlerts], 0, 'wait', { to: 'rampdown' }),
    step(7, 'clean-up', { kind: 'clean-up' }, [], 0, 'wait', null),
  ]
}

function measured(options: WeekOptions): { errorRate: Condition; clean: Condition; comparisons: Condition } {
  const { minCompared = 1, minSamples = 100, maxMismatchShare = 0, minOperations = 100, maxErrorShare = 0.01 } = options
  return {
    errorRate: { kind: 'error-rate', minOperations, maxShare: maxErrorShare },
    clean: { kind: 'validation-clean', minCompared },
    comparisons: { kind: 'comparisons', minSamples, maxMismatchShare },
  }
}

function move(to: 'dualwrite' | 'shadow' | 'live' | 'rampdown' | 'complete', rolloutPercent = 100): PlanStep['action'] {
  return { kind: 'move', to, rolloutPercent }
}

function run(kind: 'backfill' | 'validate' | 'zero-loss'): PlanStep['action'] {
  return { kind: 'run', run: kind }
}

function step(
  day: number,
  name: string,
  action: PlanStep['action'],
  gate: readonly Condition[],
  soakHours: number,
  onFail: PlanStep['onFail'],
  rollback: PlanStep['rollback'],
): PlanStep {
  return { name, day, action, gate, soakMs: soakHours * HOUR_MS, onFail, rollback }
}
