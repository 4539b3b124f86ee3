import { slotState } from '../../lib/core/fence.js'
import { partitionOf } from '../../lib/core/slot.js'
import { slotFor } from '../../lib/engine/data-plane/partition.js'
import { COLLECTION, textOf } from './clients.js'
import { CALM } from './network.js'
import { persistently, toStrict } from './operators.js'
import type { Scene } from './scene.js'

/**
 * After the last operation the network is quiet, and a pass is made in a strict stage. What is still under way arrives
 * at last, and may be numbered yet; then a last pass must leave both stores equal, nothing open, and the history still
 * one that a register can tell.
 */
export async function epilogue(stage: Scene, fault: (text: string) => void): Promise<void> {
  const { world, network } = stage
  network.weather = CALM
  network.outages.length = 0
  if (!(await finish(stage, () => finalPass(stage, fault)))) return fault('The pass did not end.')
  if ((await world.run(() => false)) !== 'idle') fault('Events go on for ever.')
  for (const [name, instance] of stage.pending) if (instance.alive) fault(`${name} at ${instance.name} never ended.`)
  if (!(await finish(stage, () => finalPass(stage, fault)))) fault('The last pass did not end.')
  if (!(await finish(stage, () => compare(stage, fault)))) fault('The comparison did not end.')
}

async function finish({ world }: Scene, work: () => Promise<void>): Promise<boolean> {
  let ended = false
  let broken: unknown = null
  work()
    .catch((error: unknown) => {
      broken = error
    })
    .finally(() => {
      ended = true
    })
  const result = await world.run(() => ended)
  if (broken !== null) throw broken
  return result === 'ended'
}

async function finalPass(stage: Scene, fault: (text: string) => void): Promise<void> {
  const { world } = stage
  await world.sleep(30_000)
  if (!(await toStrict(world, stage.newDesk('last')))) fault('A pass failed.')
}

async function compare(stage: Scene, fault: (text: string) => void): Promise<void> {
  const { world, history, scenario } = stage
  const desk = stage.newDesk('judge')
  const { collection } = desk
  for (const id of scenario.ids) {
    const number = partitionOf(COLLECTION, id, scenario.partitions)
    const [source, target] = [collection.source.partitions[number], collection.target.partitions[number]]
    if (source === undefined || target === undefined) throw new Error('A partition is missing.')
    const here = await source.get(id)
    const there = await target.get(id)
    const { fullSource, fullTarget } = slotState(here.fence, slotFor(collection, id))
    if (!fullSource || !fullTarget) fault(`The stores are not declared full for ${id}.`)
    const { open = false, ...copy } = there.copy ?? {}
    if (JSON.stringify(here.copy) !== JSON.stringify(there.copy === null ? null : ordered(copy)))
      fault(`The stores differ in ${id}: ${JSON.stringify(here.copy)} and ${JSON.stringify(there.copy)}.`)
    if (open) fault(`The target still marks ${id} as open.`)
    const began = world.tick()
    const read = await persistently(world, () => stage.server().plane.get(COLLECTION, id))
    const saw = read.kind === 'found' ? textOf(read.value) : null
    history.add(id, { name: 'last', began, ended: world.tick(), act: { do: 'read', saw } })
  }
}

/** Members in the order in which the source gives them. */
function ordered(copy: { version?: number; op?: string; value?: unknown }): object {
  return { version: copy.version, op: copy.op, value: copy.value }
}
