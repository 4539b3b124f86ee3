import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { type Override, overrideBelow } from '../../core/switches.js'
import type { EngineContext } from '../context.js'
import { latest } from '../rollback/kept.js'
import { ifAway, rollBackComponent } from '../rollback/roll-back-component.js'
import { furthest } from '../stages/move.js'
import { seenFences } from '../status.js'

/**
 * Turns back what stands beyond what the environment lets stand, by the ordinary rollback. Called by every tick and at
 * the start of a server; one that is under way is joined. One that has failed is tried again after a while, for somebody
 * may have seen to it. A collection that is damaged holds up no other.
 */
export async function enforceOverrides(context: EngineContext): Promise<{ [collection: string]: Json }> {
  const done: { [collection: string]: Json } = {}
  for (const { name } of context.collections) {
    const turned = await enforceOn(context, name).catch((error: unknown): Json => {
      if (error instanceof CutoverError) return { kind: 'failed', code: error.code }
      throw error
    })
    if (turned !== null) done[name] = turned
  }
  return done
}

/** `null`: nothing is to be turned back now. */
async function enforceOn(context: EngineContext, name: string): Promise<Json> {
  const override = await forcingDown(context, name).catch(ifAway(null))
  if (override === null || (await failedLately(context, name).catch(ifAway(false)))) return null
  const { variable, value, forcesDown } = override
  const mover = { by: 'environment', reason: `${variable}=${value}` }
  const cause = { kind: 'override' as const, decision: variable }
  const request = { component: name, procedure: 'to-source', to: forcesDown ?? undefined, cause }
  const { status, id } = await rollBackComponent(context, request, mover)
  return { rollbackId: id, status }
}

async function forcingDown(context: EngineContext, name: string): Promise<Override | null> {
  if (overrideBelow(context.switches, 'complete') === null) return null
  const collection = context.collections.find((one) => one.name === name)
  if (collection === undefined) return null
  const { fences } = await seenFences(collection)
  if (fences.every(({ plain }) => plain)) return null // over: there is no way back by stages
  return overrideBelow(context.switches, furthest(fences).stage)
}

const AGAIN_MS = 10 * 60_000

async function failedLately(context: EngineContext, name: string): Promise<boolean> {
  const rollback = await latest(context, name)
  if (rollback?.status !== 'failed' || rollback.cause.kind !== 'override') return false
  return context.clock.now() - (rollback.endedAt ?? 0) < AGAIN_MS
}
