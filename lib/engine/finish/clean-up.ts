import { CutoverError } from '../../core/error.js'
import { type Fence, reach } from '../../core/fence.js'
import type { Json } from '../../core/json.js'
import type { Plan } from '../../core/protocol/answers.js'
import type { Collection } from '../collection.js'
import type { BatchDone, RunKind } from '../runs/kind.js'
import { sideBySide } from '../side-by-side.js'
import { type Mover, pairsOf } from '../stages/move.js'
import { notedPlan } from '../stages/noted.js'
import { carryOut, reconcile } from '../stages/reconcile.js'
import { refuseIfForbidden } from '../switches/guard.js'

/**
 * After the last day: the target keeps the application's data and nothing else.
 *
 * First the fences of both stores are raised to one that says so (`plain`), the target's before the source's: plain
 * writes look at no fence, so nobody may hear of it while the target still takes writes that have versions. Every
 * instance learns of it at its next access and from then on works without versions. After a quiet time, in which the last instance has heard of it, the
 * versions, tombstones, operation memory and at last the target's fence are removed. The source's document keeps its
 * fence for ever, so that an instance that has slept through it all still finds its way. There is no way back by
 * stages from here; an export and a restore are.
 */
interface CleanUpCursor {
  phase: 'announce' | 'purge'
  /** Wall-clock milliseconds at which the quiet time ends. */
  until: number
  purge: string | null
}

/** Longer than any function invocation can last and any request can be late. */
export const QUIET_MS = 15 * 60_000
/** Longest quiet: a month, in milliseconds. */
export const QUIET_MS_MAX = 30 * 86_400_000

export const cleanUpRun: RunKind = {
  async begin(context, collection, input) {
    await refuseIfForbidden(context, collection.name, 'clean-up')
    const { quietMs = QUIET_MS } = input
    if (!(typeof quietMs === 'number' && quietMs >= 0 && quietMs <= QUIET_MS_MAX)) {
      throw new CutoverError('invalid-input', `quietMs must be a number of milliseconds from 0 to ${QUIET_MS_MAX}.`)
    }
    await mustBeComplete(collection)
    const cursor: CleanUpCursor = { phase: 'announce', until: 0, purge: null }
    return { cursor: cursor as unknown as Json, total: null }
  },
  async batch({ clock }, collection, run): Promise<BatchDone> {
    const cursor = run.cursor as unknown as CleanUpCursor
    const quietMs = typeof run.input.quietMs === 'number' ? run.input.quietMs : QUIET_MS
    const done = (next: CleanUpCursor | null, removed = 0): BatchDone => ({
      cursor: next as unknown as Json,
      done: removed,
      records: removed,
      bytes: 0,
      counters: { removed },
      deadLetters: [],
    })
    const now = clock.now()
    if (cursor.phase === 'announce') {
      await announce(collection, { by: run.by, reason: run.reason }, now)
      const until = now + quietMs
      return { ...done({ phase: 'purge', until, purge: null }), restUntil: until }
    }
    if (now < cursor.until) return { ...done(cursor), restUntil: cursor.until }
    const { removed, next } = await collection.target.plain.purge(cursor.purge)
    return done(next === null ? null : { ...cursor, purge: next }, removed)
  },
  finish: async (_context, _collection, run) => ({
    succeeded: true,
    note: null,
    result: { removed: run.counters.removed ?? 0 },
  }),
}

/** Throws `conflict` while any of its records stands before complete. */
export async function mustBeComplete(collection: Collection): Promise<void> {
  for (const [source, target] of pairsOf(collection)) {
    const { fence } = (await reconcile(source, target)).source
    if (fence.plain || isComplete(fence)) continue
    const { stage } = reach(fence)
    throw new CutoverError(
      'conflict',
      `The collection ${collection.name} is not complete yet: it stands at ${stage}.`,
      {
        details: { reason: 'not-complete', stage },
      },
    )
  }
}

async function announce(collection: Collection, mover: Mover, at: number): Promise<void> {
  const standings = await sideBySide(pairsOf(collection), ([source, target]) => reconcile(source, target))
  const left = standings.find(({ source: { fence } }) => !fence.plain && !isComplete(fence))
  if (left !== undefined) throw leftComplete(collection.name)
  for (const [number, [source, target]] of pairsOf(collection).entries()) {
    const seen = standings[number]?.source.fence.epoch ?? 0
    let plan: Plan | null = null
    const { fence } = await source.updateControl((control) => {
      plan = null
      // Both stores stood at `seen`; an epoch that somebody has decided since is spent.
      const decided = Math.max(control.fence.epoch, control.plan?.fence.epoch ?? 0)
      if (control.fence.plain || decided > seen) return null
      const over: Fence = { ...control.fence, epoch: seen + 1, plain: true }
      plan = notedPlan(control, { fence: over, first: 'target', ...mover, at, from: 'complete', to: 'complete' })
      return { ...control, plan }
    })
    const isOver = plan === null ? fence.plain === true : await carryOut(plan, source, target)
    if (!isOver) throw leftComplete(collection.name)
  }
}

function leftComplete(name: string): CutoverError {
  return new CutoverError('conflict', `The collection ${name} left the stage complete while it was being cleaned up.`, {
    details: { reason: 'not-complete' },
  })
}

function isComplete(fence: Fence): boolean {
  return fence.ranges.every(({ stage }) => stage === 'complete')
}
