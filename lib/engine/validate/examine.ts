import type { DiffOptions } from '../../core/compare/diff.js'
import { signOf, unchanged, type Verdict, verdictOf } from '../../core/compare/verdict.js'
import type { Clock } from '../../ports/clock.js'
import { passIds } from '../pass/pass.js'
import { lookAt, type Sight } from './sight.js'

/** A record with its verdict, and the sight that the verdict is about. */
export interface Examined extends Sight {
  verdict: Verdict
}

export interface Examining {
  clock: Clock
  diff: DiffOptions
  /** Whether copies that wait for a reader's help are helped by a pass; without it they stay inconclusive. */
  help: boolean
}

/**
 * Brings first sights to verdicts. What matches at any look matches; what differs is looked at again after a pause,
 * and is a mismatch only when both copies stood still in between.
 */
export async function examine(examining: Examining, first: readonly Sight[]): Promise<Examined[]> {
  const done = new Map<string, Examined>()
  const conclude = (sight: Sight, before: Sight | null): void => {
    done.set(sight.id, { ...sight, verdict: verdictOf(sight.look, before?.look ?? null, examining.diff) })
  }
  for (const sight of first) conclude(sight, null)
  let doubtful = first.filter(({ look }) => isDoubtful(look))
  for (const [round, pauseMs] of PAUSES_MS.entries()) {
    if (doubtful.length === 0) break
    await examining.clock.sleep(pauseMs)
    const again = await lookAt(doubtful)
    const moving: Sight[] = []
    const waiting: Sight[] = []
    again.forEach((sight, at) => {
      const before = doubtful[at] ?? null
      conclude(sight, before)
      if (!isDoubtful(sight.look)) return
      const stands = before !== null && unchanged(before.look, sight.look)
      if (stands && signOf(sight.look).kind === 'unsettled') waiting.push(sight)
      if (!stands || signOf(sight.look).kind === 'unsettled' || mayBeLate(sight, round)) moving.push(sight)
    })
    if (examining.help) await settle(waiting)
    doubtful = moving
  }
  return first.map((sight) => done.get(sight.id) ?? { ...sight, verdict: verdictOf(sight.look, null) })
}

/** Looks after the first, each after this long. */
const PAUSES_MS = [40, 160, 400]

function isDoubtful(look: Sight['look']): boolean {
  const { kind } = signOf(look)
  return kind === 'differs' || kind === 'unsettled'
}

/** In dualwrite the copy to the target comes after the acknowledgement: it is given all the time there is. */
function mayBeLate({ look }: Sight, round: number): boolean {
  return look.stage === 'dualwrite' && round < PAUSES_MS.length - 1
}

/** An open copy that stands still waits for somebody to bring it to the source: the pass does. */
async function settle(waiting: readonly Sight[]): Promise<void> {
  for (const state of new Set(waiting.map((sight) => sight.state))) {
    await passIds(
      state,
      waiting.filter((sight) => sight.state === state).map(({ id }) => id),
    )
  }
}
