import { rollbackTurn } from '../../../lib/engine/rollback/turn.js'
import { collectionStatus } from '../../../lib/engine/status.js'
import { watch } from '../../../lib/engine/watch.js'
import type { World } from '../runs/world.js'

/** What the tick does of it. */
export async function turn(at: World): Promise<void> {
  await watch(at.context)
  await rollbackTurn(at.context, at.clock.now() + 10_000)
}

export async function stageOf(at: World, name = 'projects'): Promise<string> {
  return (await collectionStatus(at.context, name)).stage
}

/** What the history tells, oldest first. */
export async function eventsOf(at: World): Promise<{ event: string; [member: string]: unknown }[]> {
  const { items } = await at.context.ledger.entries('state/rollback-event', { limit: 500 })
  return items.map(({ value }) => value as { event: string })
}
