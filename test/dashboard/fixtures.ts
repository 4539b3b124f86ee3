import type { CollectionState, DashboardState, Part } from '../../lib/dashboard/state.js'

/** States of the dashboard as its verb answers them: nothing at all is going on, but for what a test says. */
export function dashboardState(members: Partial<DashboardState> = {}): DashboardState {
  return {
    at: '2026-11-21T12:00:00.000Z',
    position: '1-0',
    asked: [],
    missing: [],
    health: { healthy: true, issues: [] },
    emergencyStop: { kind: 'none' },
    overrides: [],
    collections: [],
    components: [],
    runs: [],
    latestRuns: [],
    plans: [],
    programs: [],
    alerts: { items: [], next: null },
    rollbacks: { items: [], next: null },
    checkpoints: { items: [], next: null },
    experiments: [],
    breakers: { items: [] },
    monitor: [],
    consistency: [],
    cost: null,
    audit: { items: [], next: null },
    ...members,
  }
}

export function collectionState(members: Partial<CollectionState> = {}): CollectionState {
  return {
    collection: 'projects',
    stage: 'off',
    epoch: 0,
    rolloutPercent: 100,
    targetReadPercent: 0,
    source: { label: 'files:projects.json', records: 60, reachable: true },
    target: { label: 'redis/projects/0', records: 0, reachable: true, open: 0 },
    serving: {
      reads: {
        sourcePercent: 100,
        targetPercent: 0,
        failingPercent: 0,
        inWords: 'every read is answered by the source',
      },
      writes: {
        first: 'source',
        stores: ['source'],
        acknowledgedBy: 'source',
        failingPercent: 0,
        inWords: 'every write goes to the source, which acknowledges',
      },
      ways: [],
      remarks: [],
    },
    partitions: [],
    full: false,
    settling: false,
    cleanedUp: false,
    progress: null,
    rollbackReadiness: { kind: 'instant', because: 'nothing-to-undo', inWords: 'instant' },
    overrides: [],
    ...members,
  }
}

export function alertState(members: Partial<Part<'alerts'>['items'][number]> = {}): Part<'alerts'>['items'][number] {
  return {
    id: 'alert-1',
    about: 'projects/latency',
    at: '2026-11-21T11:58:00.000Z',
    lastSeenAt: '2026-11-21T11:59:00.000Z',
    count: 1,
    severity: 'critical',
    kind: 'breach',
    component: 'projects',
    message: 'The p95 of projects was 620 ms, above 500 ms.',
    status: 'open',
    acknowledgedBy: null,
    escalatesAt: null,
    decision: null,
    history: [],
    undelivered: 0,
    ...members,
  }
}

export function monitorRule(members: Partial<RuleState> = {}): RuleState {
  return {
    rule: 'latency',
    description: 'The slowest 5 % of operations on the target take more than 500 ms.',
    armed: true,
    metric: 'p95-ms',
    operator: '>',
    threshold: 500,
    unit: 'ms',
    path: 'target',
    operation: null,
    relativeTo: null,
    severity: 'critical',
    windowMinutes: 5,
    onBreach: 'roll-back',
    rollBackTo: 'dualwrite',
    status: 'clear',
    outcome: 'pass',
    because: 'within-threshold',
    value: 120,
    closeness: 0.24,
    inWords: 'p95 120 ms of 500 ms',
    numbers: {},
    weighedAt: '2026-11-21T11:59:55.000Z',
    decision: null,
    action: null,
    ...members,
  }
}

type RuleState = Part<'monitor'>[number]['rules'][number]

export function costState(members: Partial<Part<'cost'>> = {}): Part<'cost'> {
  const nothing = { commands: 0, messages: 0, documentReads: 0, documentWrites: 0 }
  return {
    currency: 'USD',
    pricesOf: '2026-11-21',
    since: '2026-11-20T12:00:00.000Z',
    soFar: { ...nothing, commands: 1_204_000, messages: 310, storageBytes: null, usd: 2.41 },
    perCollection: [{ collection: 'projects', ...nothing, commands: 1_000_000, usd: 2 }],
    own: { ...nothing, commands: 204_000, usd: 0.41 },
    estimate: null,
    sinceEstimate: null,
    spentFor: [],
    share: null,
    lastHour: { commands: 50_000, messages: 12, usd: 0.1 },
    rateOverSeconds: 3_600,
    perMonthAtThisRate: 72,
    notCounted: ['Storage in Redis.'],
    inWords: 'At least $2.41.',
    ...members,
  }
}

export function auditEntry(members: Partial<Part<'audit'>['items'][number]> = {}): Part<'audit'>['items'][number] {
  return {
    position: '10-0',
    at: '2026-11-21T11:30:00.000Z',
    by: 'ada',
    action: 'advance-stage',
    collection: 'projects',
    reason: 'the copy is whole',
    before: { stage: 'dualwrite', rolloutPercent: 100 },
    after: { stage: 'shadow', rolloutPercent: 100, epoch: 2 },
    ...members,
  }
}
