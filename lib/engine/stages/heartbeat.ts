import type { Source, Target } from '../../ports/store.js'

/**
 * A counter kept at both stores. The target's must be the source's or one behind (a watch that ended between the
 * two); further behind, the target has been set back to an earlier state and has lost acknowledged data.
 */
export async function beat(
  source: Source,
  target: Target,
): Promise<{ kind: 'alive' } | { kind: 'set-back'; missing: number }> {
  const { heartbeat } = await source.control()
  const { missing, atTarget } = await compareBeats(heartbeat, target)
  if (missing > 0) return { kind: 'set-back', missing }
  const next = atTarget + 1
  await source.updateControl((control) => (control.heartbeat < next ? { ...control, heartbeat: next } : null))
  await target.beat(next)
  return { kind: 'alive' }
}

/** After a recovery the count starts from what the target has, or the same loss would be found again. */
export async function resetHeartbeat(source: Source, target: Target): Promise<void> {
  const atTarget = await target.beat(0)
  await source.updateControl((control) => ({ ...control, heartbeat: atTarget }))
}

/**
 * How far the target's count is behind the source's; 0 where it has not been set back, as far as the counts tell. The
 * source's is read first: a watch in between can only make the target's look younger.
 */
export async function compareBeats(heartbeat: number, target: Target): Promise<{ missing: number; atTarget: number }> {
  const atTarget = await target.beat(0)
  return { missing: atTarget < heartbeat - 1 ? heartbeat - atTarget : 0, atTarget }
}
