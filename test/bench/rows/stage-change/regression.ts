import { setTimeout as sleep } from 'node:timers/promises'
import type { Condition, MigrationPlan, PlanStep } from '../../../../lib/core/plan/plan.js'
import type { Stage } from '../../../../lib/core/stage.js'
import { autopilotOf } from '../../../../lib/engine/autopilot/on-stores.js'
import { startPlan } from '../../../../lib/engine/autopilot/steer.js'
import { listRuns, readRun } from '../../../../lib/engine/runs/store.js'
import { workRun } from '../../../../lib/engine/runs/work.js'
import { tick } from '../../../../lib/engine/tick.js'
import type { Wired } from '../../../../lib/wire.js'
import { COLLECTION, idOf } from '../../parts/deployment.js'
import { RECORDS, type Running } from './running.js'

const ON_LIVE: Condition[] = [
  { kind: 'stores-healthy' },
  { kind: 'comparisons', minSamples: 100, maxMismatchShare: 0 },
  { kind: 'error-rate', minOperations: 100, maxShare: 0.01 },
  { kind: 'no-alerts' },
]

/** As the default plan: its way to the last rollout of reads, without waiting, and that step with its gate and soak. */
const PLAN: MigrationPlan = {
  name: 'reads',
  collections: [COLLECTION],
  timeScale: 1,
  steps: [
    prepared('dual-write', { kind: 'move', to: 'dualwrite', rolloutPercent: 100 }),
    prepared('shadow', { kind: 'move', to: 'shadow', rolloutPercent: 100 }),
    prepared('pass', { kind: 'run', run: 'backfill' }),
    {
      name: 'reads-100',
      day: 4,
      action: { kind: 'move', to: 'live', rolloutPercent: 100 },
      gate: ON_LIVE,
      soakMs: 8 * 3_600_000,
      onFail: 'turn-back',
      rollback: { to: 'shadow' },
    },
  ],
}

function prepared(name: string, action: PlanStep['action']): PlanStep {
  const gate: Condition[] = action.kind === 'run' ? [{ kind: 'pass-complete' }] : []
  return { name, day: 1, action, gate, soakMs: 0, onFail: 'wait', rollback: null }
}

/** Some reads are compared before anything goes wrong. */
const SETTLED_MS = 2_000
const WAIT_MS_MAX = 90_000

/**
 * The autopilot stands at a rollout of reads, applications read, and the cron ticks; then values at the target go wrong
 * behind everybody's back. Nobody does anything: waited is until reads come from the source again, in milliseconds.
 */
export async function regression(running: Running, reader: Wired, everyMs: number): Promise<number> {
  const { operator } = running
  const context = await operator.control()
  await startPlan(autopilotOf({ context }), PLAN, { by: 'bench', reason: 'a rollout' })
  const ticked = async (): Promise<void> => {
    await tick(context, Date.now() + 50_000)
  }
  for (let turn = 0; turn < TURNS_MAX && (await stageOf(reader)) !== 'live'; turn++) {
    await ticked()
    await workRuns(operator)
  }
  const stop = new AbortController()
  const reading = read(reader, stop.signal)
  await sleep(SETTLED_MS)
  const cron = (async () => {
    while (!stop.signal.aborted) {
      await ticked()
      await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  try {
    await spoil(running)
    const began = performance.now()
    while ((await stageOf(reader)) === 'live') {
      if (performance.now() - began > WAIT_MS_MAX) throw new Error('The autopilot did not turn back.')
      await sleep(5)
    }
    return performance.now() - began
  } finally {
    stop.abort()
    await Promise.all([reading, cron])
  }
}

/** More than the plan has steps. */
const TURNS_MAX = 12

async function stageOf({ dataPlane }: Wired): Promise<Stage> {
  return (await dataPlane.get(COLLECTION, idOf(0))).stage
}

/** What the queue would deliver. */
async function workRuns(operator: Wired): Promise<void> {
  const context = await operator.control()
  for (const { id, status } of await listRuns(context.ledger, { active: true, limit: 10 })) {
    for (let now = { status, step: 0 }; now.status === 'running'; ) {
      const { run } = await readRun(context.ledger, id)
      await workRun(context, { runId: id, step: run.step }, Date.now() + 30_000)
      now = (await readRun(context.ledger, id)).run
    }
  }
}

async function read({ dataPlane }: Wired, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    await dataPlane.get(COLLECTION, idOf(turn % RECORDS))
    await sleep(READ_EVERY_MS)
  }
}

const READ_EVERY_MS = 5

/** Half of the values, past everything that guards them, as a script of somebody else would. */
async function spoil({ stack: { redis } }: Running): Promise<void> {
  const commands = Array.from({ length: RECORDS / 2 }, (_, number) => {
    const id = idOf(2 * number + 1)
    return ['SET', `${COLLECTION}:${id}`, JSON.stringify({ id, name: 'wrong' })]
  })
  const headers = { authorization: `Bearer ${redis.token}` }
  const answer = await fetch(`${redis.url}/pipeline`, { method: 'POST', headers, body: JSON.stringify(commands) })
  if (!answer.ok) throw new Error('The values could not be spoilt.')
}
