import type { CheckpointFinding, Rule } from '../../core/checkpoint/checkpoint.js'
import { weighAll } from '../../core/checkpoint/weigh-records.js'
import { weighZeroLoss } from '../../core/checkpoint/weigh-zero-loss.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { isEnded, type Run } from '../../core/run.js'
import { readRun } from '../runs/store.js'
import { keptMismatches } from '../validate/mismatches.js'
import type { ZeroLoss } from '../validate/zero-loss.js'
import type { PartContext, Stepped } from './part.js'

/**
 * Checkpoints that a validation finds out: it is started as a run of its own, under a name that only this checkpoint
 * has, and waited for. While another validation of the collection is under way this one waits for its turn. A validation
 * that was cancelled, or ended without having compared, is no evidence.
 */
export async function fullPart(
  parts: PartContext,
  rule: Extract<Rule, { kind: 'full-consistency' }>,
  work: Json,
): Promise<Stepped> {
  const run = await endedRun(parts, rule.kind, {})
  if (run === null) return later(parts, work)
  return { kind: 'found', records: 0, finding: await ofValidation(parts, run, rule) }
}

/** A zero-loss check says for itself what it has proved. */
export async function zeroLossPart(
  parts: PartContext,
  rule: Extract<Rule, { kind: 'zero-loss' }>,
  work: Json,
): Promise<Stepped> {
  const run = await endedRun(parts, rule.kind, { zeroLoss: true, checkpoint: true })
  if (run === null) return later(parts, work)
  return { kind: 'found', records: 0, finding: zeroLossFinding(run) }
}

function zeroLossFinding(run: Run): CheckpointFinding {
  const broken = brokenOff(run)
  if (broken !== null) return broken
  const { uncovered = 0, setBacks = 0 } = run.counters
  const { zeroLoss } = run.result as unknown as { zeroLoss: ZeroLoss }
  return weighZeroLoss({
    ...told(zeroLoss),
    proved: zeroLoss.proved && run.status === 'succeeded',
    uncovered,
    setBacks,
  })
}

function told({ because, stage, epoch, records, runId }: ZeroLoss) {
  return { because, stage, epoch, records, runId }
}

const EXAMPLES_MAX = 20

async function ofValidation(
  { context }: PartContext,
  run: Run,
  rule: Extract<Rule, { kind: 'full-consistency' }>,
): Promise<CheckpointFinding> {
  const broken = brokenOff(run)
  if (broken !== null) return broken
  const { compared = 0, mismatched = 0, inconclusive = 0, unlisted = 0 } = run.counters
  const { items } = await keptMismatches(context.ledger, run.id, null, EXAMPLES_MAX)
  const examples = items.map(({ id, reason, differences }) => {
    return { id, reason, paths: differences.map(({ path }) => path) }
  })
  const found = {
    frame: run.total ?? compared,
    wanted: compared,
    compared,
    differing: mismatched,
    inconclusive,
    unlisted,
  }
  const finding = weighAll({ ...found, examples }, rule)
  return { ...finding, numbers: { ...finding.numbers, validateRunId: run.id } }
}

/** A run that did not come to its end: whatever it had found by then, it has not found it out. */
function brokenOff(run: Run): CheckpointFinding | null {
  const numbers = { note: run.note, endedRunId: run.id }
  if (run.status === 'cancelled')
    return { outcome: 'not-enough-evidence', because: 'run-cancelled', numbers, examples: [] }
  if (run.result !== null && run.counters.finished === undefined) return null
  return { outcome: 'not-enough-evidence', because: 'run-failed', numbers, examples: [] }
}

/** The run that finds it out, once it has ended; `null`: not yet. */
async function endedRun(
  { context, collection, run }: PartContext,
  kind: Rule['kind'],
  input: { zeroLoss?: true; checkpoint?: true },
): Promise<Run | null> {
  const id = `${run.id}-${kind}`
  try {
    const { run: started } = await readRun(context.ledger, id)
    return isEnded(started.status) ? started : null
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code !== 'not-found') throw error
  }
  // Loaded when it is needed: the start of runs knows every kind, and this is a part of one.
  const { startRun } = await import('../runs/start.js')
  try {
    const { by, reason } = run
    await startRun(context, { id, kind: 'validate', collection: collection.name, input, by, reason })
  } catch (error) {
    const isBusy = error instanceof CutoverError && error.code === 'conflict'
    if (!isBusy || error.details.reason === 'collection-finished') throw error
  }
  return null
}

/** Waits twice as long each time, up to this; beyond some seconds it is the queue that waits, and no function is paid. */
const WAIT_MS_MAX = 60_000
const WAIT_MS_MIN = 1_000

function later({ context }: PartContext, work: Json): Stepped {
  const waitMs = typeof work === 'number' ? Math.min(WAIT_MS_MAX, 2 * work) : WAIT_MS_MIN
  return { kind: 'more', work: waitMs, records: 0, bytes: 0, restUntil: context.clock.now() + waitMs }
}
