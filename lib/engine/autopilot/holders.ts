import { CutoverError } from '../../core/error.js'
import { isJsonObject } from '../../core/json.js'
import type { Change } from '../../ports/ledger.js'
import type { Autopilot } from './actions.js'
import { findPlan, type Kept } from './kept.js'

/**
 * One document says which plan holds which collection, so that two plans never steer the same one. A plan that
 * finished, turned back or failed may lose its collections to the next; it takes them back when it is resumed, if
 * nobody is using them. The document is part of the same commit as the plan that takes them.
 */
export async function takeCollections(
  autopilot: Autopilot,
  name: string,
  collections: readonly string[],
): Promise<Change> {
  const held = await autopilot.ledger.read(HOLDERS)
  const holders = isJsonObject(held?.value) ? held.value : {}
  const others = new Set(
    collections.flatMap((collection) => (Object.hasOwn(holders, collection) ? [holders[collection]] : [])),
  )
  others.delete(name)
  for (const other of others) {
    const kept = typeof other === 'string' ? await findPlan(autopilot, other) : null
    if (kept !== null && isActive(kept, autopilot.clock.now()))
      throw new CutoverError('conflict', `The plan ${other} is at work on a collection of the plan ${name}.`, {
        details: { plan: String(other), status: kept.state.status },
      })
  }
  const taken = Object.fromEntries(collections.map((collection) => [collection, name]))
  return { key: HOLDERS, ifRevision: held?.revision ?? null, value: { ...holders, ...taken } }
}

/** The plan that is at work on each of these; one that nobody holds is absent. */
export async function holdersOf(
  autopilot: Pick<Autopilot, 'ledger' | 'clock'>,
  names: readonly string[],
): Promise<Map<string, string>> {
  const held = await autopilot.ledger.read(HOLDERS)
  const holders = isJsonObject(held?.value) ? held.value : {}
  const found = new Map<string, string>()
  for (const name of names) {
    const plan = Object.hasOwn(holders, name) ? holders[name] : undefined
    if (typeof plan !== 'string') continue
    const kept = await findPlan(autopilot, plan)
    if (kept !== null && isActive(kept, autopilot.clock.now())) found.set(name, plan)
  }
  return found
}

export const HOLDERS = 'plan-holders'

function isActive({ state }: Kept, now: number): boolean {
  const { status, rollingBack, claim } = state
  if (claim !== null && now < claim.until) return true
  return status === 'running' || status === 'paused' || (status !== 'finished' && rollingBack.length > 0)
}
