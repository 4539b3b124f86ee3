import { BATCH_START } from '../../core/batch.js'
import { CutoverError } from '../../core/error.js'
import type { Json, JsonObject } from '../../core/json.js'
import { COMMANDS_MIN, isEnded, PACE_MIN, type Run, type RunKindName } from '../../core/run.js'
import { auditEntry } from '../audit.js'
import { collectionOf, type EngineContext } from '../context.js'
import { RUN_KIND } from './kinds.js'
import { publishStep } from './publish.js'
import { latestRunKey, readRun, runKey } from './store.js'

export interface RunRequest {
  kind: RunKindName
  collection: string
  input: JsonObject
  by: string
  reason: string
  /** The run's id, for callers that may ask twice: the second time the run of the first is answered. */
  id?: string
}

/** Starts a run, unless one of its kind is already under way on the collection. */
export async function startRun(context: EngineContext, request: RunRequest): Promise<Run> {
  const { ledger, clock } = context
  const collection = collectionOf(context, request.collection)
  const id = request.id ?? clock.id()
  if (request.id !== undefined) {
    const started = await ledger.read(runKey(id))
    if (started !== null) return started.value as unknown as Run
  }
  const latestKey = latestRunKey(request.collection, request.kind)
  const latest = await ledger.read(latestKey)
  const before = latest === null ? null : (latest.value as { runId: string }).runId
  if (before !== null) {
    const { run } = await readRun(ledger, before)
    if (!isEnded(run.status)) {
      throw new CutoverError(
        'conflict',
        `A ${request.kind} of ${request.collection} is already ${run.status} (${run.id}), begun by ${run.by} at ${new Date(run.createdAt).toISOString()}. Wait for it, or cancel it.`,
        {
          details: { runId: run.id, by: run.by },
        },
      )
    }
  }
  checkLimits(request.input)
  const { cursor, total, facts } = await RUN_KIND[request.kind].begin(context, collection, request.input)
  const now = clock.now()
  const run: Run = {
    id,
    kind: request.kind,
    collection: request.collection,
    status: 'running',
    by: request.by,
    reason: request.reason,
    note: null,
    createdAt: now,
    endedAt: null,
    step: 1,
    lease: null,
    outbox: { since: now, sent: 0 },
    input: { ...request.input, ...facts },
    cursor,
    counters: {},
    done: 0,
    total,
    workedMs: 0,
    batchSize: BATCH_START,
    restUntil: null,
    result: null,
  }
  const changes = [
    { key: latestKey, ifRevision: latest?.revision ?? null, value: { runId: run.id, before } },
    { key: runKey(run.id), ifRevision: null, value: run as unknown as JsonObject },
  ]
  const { by, reason, collection: name } = request
  const started = auditEntry({
    at: now,
    by,
    action: `start-${request.kind}`,
    collection: name,
    reason,
    before: null,
    after: { runId: run.id },
  })
  const answer = await ledger.commit(changes, [started])
  if (answer.kind === 'conflict') {
    throw new CutoverError('conflict', `Another ${request.kind} of ${name} was started at the same moment.`)
  }
  await publishStep(context, run)
  return run
}

/** Limits that every kind of run takes; a run that none of its rests ends would never end. */
function checkLimits({ recordsPerSecondMax, commandsPerSecondMax, throttle }: JsonObject): void {
  const check = (name: string, value: Json | undefined, min: number): void => {
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value) && value >= min)) return
    throw new CutoverError('invalid-input', `${name} must be a number from ${min}.`)
  }
  check('recordsPerSecondMax', recordsPerSecondMax, PACE_MIN)
  check('commandsPerSecondMax', commandsPerSecondMax, COMMANDS_MIN)
  if (throttle !== undefined && typeof throttle !== 'boolean')
    throw new CutoverError('invalid-input', 'throttle must be true or false.')
}
