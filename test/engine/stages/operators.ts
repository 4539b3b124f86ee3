import type { Stage } from '../../../lib/core/stage.js'
import type { AcceptedRisk } from '../../../lib/engine/checkpoints/giving-up.js'
import { type ConditionalMove, moveStage, pairsOf } from '../../../lib/engine/stages/move.js'
import { readStandsOfBoth, type Stands } from '../../../lib/engine/stages/stands.js'
import { type WalkResult, walkStages } from '../../../lib/engine/stages/walk.js'
import { seeded } from '../../core/experiment/values.js'
import { MOVER, type World } from '../runs/world.js'

/** Every access of a store, and of the ledger, waits for a moment of its own: another order for every seed. */
export function shuffle(at: World, seed: number): void {
  const random = seeded(seed)
  at.faults.before = async () => {
    for (let turns = Math.floor(random() * 4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve))
  }
}

export interface Asked {
  direction: 'up' | 'down'
  to?: Stage
  rolloutPercent?: number
  ifEpoch?: number
  acceptRisk?: AcceptedRisk
}

export function asks(at: World, by: string, asked: Asked): Promise<WalkResult> {
  const action = asked.direction === 'up' ? 'advance-stage' : 'roll-back'
  return walkStages(
    at.context,
    { collection: at.collection.name, ...asked, action },
    { by, reason: `as ${by} sees it` },
  )
}

export function stands({ collection }: World): Promise<Stands> {
  return readStandsOfBoth(pairsOf(collection))
}

/** As after a crash: only one partition was reached by a step. */
export async function leave(at: World, partition: number, move: ConditionalMove): Promise<void> {
  const { source, target } = at.collection
  const one = <T>(partitions: readonly T[]): T[] => partitions.slice(partition, partition + 1)
  const alone = {
    ...at.collection,
    source: { ...source, partitions: one(source.partitions) },
    target: { ...target, partitions: one(target.partitions) },
  }
  const moved = await moveStage(alone, move, MOVER, at.context)
  if (moved.kind === 'refused') throw new Error(`not left so: ${moved.reason}`)
}

export async function stagesOf({ collection }: World): Promise<Stage[][]> {
  return Promise.all(
    pairsOf(collection).map(async ([source]) => (await source.control()).fence.ranges.map(({ stage }) => stage)),
  )
}

/** Everything that could be changed by somebody who was only to look. */
export async function everything(at: World): Promise<string> {
  const documents: unknown[] = []
  for (const [source, target] of pairsOf(at.collection)) documents.push(await source.control(), await target.control())
  const ledger = await at.context.ledger.list('', null, 200)
  const audit = await at.context.ledger.entries('audit', { limit: 200 })
  return JSON.stringify([documents, ledger.items, audit.items, at.queue.peek()])
}
