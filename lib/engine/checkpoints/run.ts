import type { Check, CheckpointFinding, Rule } from '../../core/checkpoint/checkpoint.js'
import { rulesIn } from '../../core/checkpoint/rule.js'
import { says } from '../../core/checkpoint/says.js'
import { CutoverError } from '../../core/error.js'
import type { Json, JsonObject } from '../../core/json.js'
import type { Run } from '../../core/run.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import type { BatchDone, RunKind } from '../runs/kind.js'
import { sideBySide } from '../side-by-side.js'
import { pairsOf } from '../stages/move.js'
import { finished } from '../validate/sight.js'
import { apiPart } from './api.js'
import { type NewCheck, openCheck, settleCheckpoint } from './documents.js'
import { fullPart, zeroLossPart } from './other-run.js'
import type { PartContext, Stepped } from './part.js'
import { performanceFinding } from './regression.js'
import { samplePart } from './sample.js'

/**
 * A run that makes a check: one checkpoint after the other, each in steps, each settled for good as soon as it is found
 * out. The run ends well if all of them passed.
 *
 * What can happen: a worker that dies after a step and before its commit (the step is worked again, with the salt of
 * the step before it; a checkpoint that was settled meanwhile stays as it is); two workers at once (one cannot commit);
 * a run that is cancelled or fails (the cron settles what is open as without evidence, see `turn.ts`). What cannot: a
 * checkpoint that nobody has found out passes.
 */
export const checkpointRun: RunKind = {
  async begin(_context, collection, input) {
    const rules = rulesIn(input)
    await sideBySide(pairsOf(collection), async ([source]) => {
      if ((await source.control()).fence.plain) throw finished(collection)
    })
    const cursor: Cursor = { at: 0, work: null, since: null }
    return { cursor: cursor as unknown as Json, total: rules.length }
  },
  async batch(context, collection, run, limit): Promise<BatchDone> {
    const { at, work, since } = run.cursor as unknown as Cursor
    const now = context.clock.now()
    const { check } = await openCheck(context, newCheckOf(run))
    const checkpoint = check.checkpoints[at]
    if (checkpoint === undefined) return done(null)
    const next: Cursor | null = at + 1 < check.checkpoints.length ? { at: at + 1, work: null, since: null } : null
    if (checkpoint.finding !== null) return { ...done(next), done: 1 }
    const parts = { context, collection, run, limit }
    const isLate = since !== null && now - since > CHECKPOINT_MS_MAX
    const stepped = isLate ? OUT_OF_TIME : await step(parts, checkpoint.rule, work).catch(unreadable)
    if (stepped.kind === 'more') {
      const { records, bytes, restUntil } = stepped
      const same: Cursor = { at, work: stepped.work, since: since ?? now }
      return { ...done(same), records, bytes, ...(restUntil === undefined ? {} : { restUntil }) }
    }
    await settleCheckpoint(context, check.id, at, stepped.finding)
    return { ...done(next), done: 1, records: stepped.records, counters: { [stepped.finding.outcome]: 1 } }
  },
  async finish(context, _collection, run) {
    const { check } = await openCheck(context, newCheckOf(run))
    const told = check.checkpoints.filter(({ finding }) => finding?.outcome !== 'pass')
    return {
      succeeded: check.outcome === 'pass',
      note: told.length === 0 ? null : told.map(({ rule, finding }) => says(rule, finding)).join(' '),
      result: resultOf(check),
    }
  },
}

/** What the check of a run is to be, from what the run was started with. */
export function newCheckOf(run: Pick<Run, 'id' | 'collection' | 'input' | 'by' | 'reason'>): NewCheck {
  const { phase = null, name = null } = run.input
  const { id, collection: component, by, reason } = run
  const text = (value: Json): string | null => (typeof value === 'string' ? value : null)
  return { id, component, phase: text(phase), name: text(name), by, reason, runId: id, rules: rulesIn(run.input) }
}

interface Cursor {
  /** Number of the checkpoint that is worked on. */
  at: number
  /** What its last step has left. */
  work: Json
  /** Wall-clock milliseconds at which it was begun. */
  since: number | null
}

/** A checkpoint that is not found out within a day is given up. */
const CHECKPOINT_MS_MAX = 86_400_000

const NOT_FOUND_OUT = { outcome: 'not-enough-evidence' as const, numbers: {}, examples: [] }

const OUT_OF_TIME: Stepped = {
  kind: 'found',
  records: 0,
  finding: { ...NOT_FOUND_OUT, because: 'out-of-time' },
}

/** What is stored cannot be read: no further delivery will find it otherwise, and the other checkpoints need not wait. */
function unreadable(error: unknown): Stepped {
  if (!(error instanceof CutoverError) || error.code !== 'corrupt-document') throw error
  const numbers = { note: error.message }
  return { kind: 'found', records: 0, finding: { ...NOT_FOUND_OUT, because: 'run-failed', numbers } }
}

async function step(parts: PartContext, rule: Rule, work: Json): Promise<Stepped> {
  switch (rule.kind) {
    case 'data-consistency':
      return samplePart(parts, rule, work)
    case 'api-compatibility':
      return apiPart(parts, rule, work)
    case 'full-consistency':
      return fullPart(parts, rule, work)
    case 'zero-loss':
      return zeroLossPart(parts, rule, work)
    case 'performance':
      return { kind: 'found', records: 0, finding: await ofPerformance(parts, rule) }
  }
}

function ofPerformance(
  { context, collection }: { context: EngineContext; collection: Collection },
  rule: Extract<Rule, { kind: 'performance' }>,
): Promise<CheckpointFinding> {
  const { name } = collection
  return performanceFinding(context, { name, kind: 'collection', collection: name }, rule)
}

function done(cursor: Cursor | null): BatchDone {
  return { cursor: cursor as unknown as Json, done: 0, records: 0, bytes: 0, counters: {}, deadLetters: [] }
}

function resultOf({ id, outcome, checkpoints }: Check): JsonObject {
  const of = checkpoints.map((one) => ({ id: one.id, kind: one.kind, outcome: one.finding?.outcome ?? null }))
  return { checkId: id, outcome, checkpoints: of }
}
