import type { DashboardState, Part, RunState } from '../../lib/dashboard/state.js'

/** What works on a migration, as the dashboard's verb answers it. */
export function runState(members: Partial<RunState> = {}): RunState {
  return {
    runId: 'run-1',
    id: 'run-1',
    kind: 'backfill',
    collection: 'projects',
    status: 'running',
    reason: null,
    startedBy: 'ada',
    startedFor: 'the pass',
    createdAt: '2026-11-21T11:58:00.000Z',
    endedAt: null,
    step: 1,
    progress: { done: 1_204, total: 6_000, perSecond: 210, secondsLeft: 23 },
    shards: [shardState({ partition: null, label: 'projects' })],
    batchSize: 20,
    counters: {},
    result: null,
    ...members,
  }
}

export function endedRun(members: Partial<RunState> = {}): RunState {
  return runState({
    status: 'succeeded',
    endedAt: '2026-11-21T11:59:30.000Z',
    result: {},
    counters: { read: 60, copied: 60, same: 0, returned: 0, deadLetters: 0 },
    ...members,
  })
}

export function shardState(members: Partial<RunState['shards'][number]> = {}): RunState['shards'][number] {
  return {
    partition: 0,
    label: 'partition 1 of 2',
    status: 'running',
    done: 80,
    total: 365,
    perSecond: 9.14,
    secondsLeft: 32,
    ...members,
  }
}

type Consistent = Part<'consistency'>[number]

export function consistent(members: Partial<Consistent> = {}): Consistent {
  return {
    collection: 'projects',
    inWords: 'All 60 records agreed.',
    latest: validated(),
    running: null,
    sampled: null,
    zeroLoss: null,
    causes: [],
    more: false,
    passedSince: null,
    ...members,
  }
}

export function validated(members: Partial<NonNullable<Consistent['latest']>> = {}): NonNullable<Consistent['latest']> {
  return {
    runId: 'run-9',
    status: 'succeeded',
    startedAt: '2026-11-21T11:50:00.000Z',
    endedAt: '2026-11-21T11:51:00.000Z',
    startedBy: 'ada',
    complete: true,
    checked: 60,
    mismatched: 0,
    missing: 0,
    extra: 0,
    repaired: 0,
    undecided: 0,
    perSecond: 461.7,
    ...members,
  }
}

type PlanState = Part<'plans'>[number]

export function planState(members: Partial<PlanState> = {}): PlanState {
  return {
    name: 'the-week',
    collections: ['projects'],
    components: [],
    program: null,
    status: 'running',
    stepNumber: 2,
    steps: 3,
    step: 'validate',
    course: [
      planStep({ name: 'pass', does: 'copy what is there' }),
      planStep(),
      planStep({ name: 'reads-10', day: 4, does: 'move 10 % to live' }),
    ],
    timeScale: 1,
    soakLeftMs: 0,
    waitsFor: [],
    waiting: {
      gate: 'validation-clean',
      about: 'projects',
      inWords: 'a complete validation without a mismatch of projects, open: too-few-compared',
      since: '2026-11-21T11:40:00.000Z',
      more: 1,
    },
    blocked: {},
    history: [],
    ...members,
  }
}

export function planStep(members: Partial<PlanState['course'][number]> = {}): PlanState['course'][number] {
  return {
    name: 'validate',
    day: 3,
    does: 'compare both stores',
    gate: ['a complete validation without a mismatch', 'no open alerts'],
    soakMs: 43_200_000,
    onFail: 'turn-back',
    back: 'dualwrite',
    ...members,
  }
}

type ProgramState = Part<'programs'>[number]

export function programState(members: Partial<ProgramState> = {}): ProgramState {
  return {
    name: 'autumn',
    status: 'running',
    because: null,
    parallel: 2,
    timeScale: 1,
    startedAt: '2026-11-21T11:00:00.000Z',
    endedAt: null,
    waiting: null,
    phases: [phaseState()],
    history: [],
    ...members,
  }
}

export function phaseState(members: Partial<ProgramState['phases'][number]> = {}): ProgramState['phases'][number] {
  return {
    name: 'search',
    description: '',
    status: 'running',
    because: null,
    dependsOn: [],
    components: ['search'],
    course: 'gradual',
    checks: [],
    onFail: 'turn-back',
    attempt: 1,
    plan: 'autumn--search--1',
    step: { name: 'share-5', number: 1, of: 3, soakLeftMs: 60_000 },
    waitsFor: ['60 seconds of soak time'],
    next: 'the step share-25: rollout to 25 %',
    startedAt: '2026-11-21T11:01:00.000Z',
    endedAt: null,
    ...members,
  }
}

type RollbackState = Part<'rollbacks'>['items'][number]

export function rollbackState(members: Partial<RollbackState> = {}): RollbackState {
  const done = { status: 'done', startedAt: null, endedAt: null, runId: null, seconds: 0 } as const
  return {
    rollbackId: 'rb-1',
    component: 'projects',
    procedure: 'to-source',
    status: 'completed',
    inWords: 'It is complete.',
    rehearsal: false,
    cause: { kind: 'operator' },
    by: 'ada',
    reason: 'p95 doubled',
    startedAt: '2026-11-21T11:55:00.000Z',
    endedAt: '2026-11-21T11:55:02.000Z',
    from: { stage: 'live', targetReadPercent: 50 },
    steps: [
      { ...done, number: 1, what: 'down to live', step: { kind: 'move', to: 'live' }, note: null },
      {
        ...done,
        number: 2,
        what: 'bring to the source what it lacks',
        step: { kind: 'pass', when: 'needed' },
        note: 'The back-fill run-7 has passed 12 records.',
      },
      { ...done, number: 3, what: 'down to shadow', step: { kind: 'move', to: 'shadow' }, note: null },
    ],
    recordsLeft: null,
    secondsLeft: null,
    plansPaused: [],
    recorded: true,
    ...members,
  }
}

export function rollbacksOf(...items: RollbackState[]): Partial<DashboardState> {
  return { rollbacks: { items, next: null } }
}
