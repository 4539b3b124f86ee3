import type { Json } from '../../core/json.js'
import { NO_SWITCHES, type Switches } from '../../core/switches.js'
import { auditEntry } from '../audit.js'
import type { EngineContext } from '../context.js'
import { sideBySide } from '../side-by-side.js'
import { seenFences } from '../status.js'

export const SEEN = 'switches-seen'

/**
 * Enters into the audit trail that the environment forces something else than before: once per change, not per start.
 * Called at the start of a server and by every tick. Of several instances that start at once one enters it. While old
 * and new instances serve side by side each change of who ticks is entered, for it is what is in force then.
 */
export async function noteSwitches(
  context: Pick<EngineContext, 'ledger' | 'clock' | 'switches' | 'collections'>,
): Promise<'noted' | 'known'> {
  const { ledger, clock, switches } = context
  const held = await ledger.read(SEEN)
  const before = held === null ? NO_SWITCHES : (held.value as unknown as Switches)
  const names = Object.keys(NO_SWITCHES) as (keyof Switches)[]
  if (names.every((name) => before[name] === switches[name])) return 'known'
  if (await isOver(context)) return 'known'
  const now = { ...switches } as unknown as Json
  const entry = auditEntry({
    at: clock.now(),
    by: 'environment',
    action: 'override',
    collection: null,
    reason: 'the deployment was started with other switches',
    before: { ...before },
    after: now,
  })
  const answer = await ledger.commit([{ key: SEEN, ifRevision: held?.revision ?? null, value: now }], [entry])
  return answer.kind === 'committed' ? 'noted' : 'known'
}

/** After the last day the ledger may be gone, and must not come again. */
async function isOver({ collections }: Pick<EngineContext, 'collections'>): Promise<boolean> {
  const seen = await sideBySide(collections, (collection) => seenFences(collection))
  return seen.every(({ fences }) => fences.every(({ plain }) => plain))
}
