import type { CollectionState, DashboardState, Part } from '../../lib/dashboard/state.js'

/** States of the dashboard as its verb answers them: nothing at all is going on, but for what a test says. */
export function dashboardState(members: Partial<DashboardState> = {}): DashboardState {
  return {
    at: '2026-11-21T12:00:00.000Z',
    position: '1-0',
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
