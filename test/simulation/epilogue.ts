import { slotState } from '../../lib/core/fence.js'
import { partitionOf } from '../../lib/core/slot.js'
import { slotFor } from '../../lib/engine/data-plane/partition.js'
import { pairsOf } from '../../lib/engine/stages/move.js'
import { type ClientSetting, COLLECTION, textOf } from './clients.js'
import { lastDay, lastRuns } from './closing.js'
import { CALM } from './network.js'
import { persistently, toStrict } from './operators.js'
import { strandOf } from './random.js'
import { comeToRest, faultsAtRest } from './rest.js'
import type { Scene, System } from './scene.js'
import type { Clerk } from './staff.js'

/**
 * After the last operation the network is quiet, and a pass is made in a strict stage. What is still under way arrives
 * at last, and may be numbered yet; then a last pass must leave both stores equal, nothing open, and the history still
 * one that a register can tell.
 */
export async function epilogue(
  stage: Scene,
  fault: (text: string) => void,
  clients: (name: string) => ClientSetting,
): Promise<void> {
  const { world, network } = stage
  network.weather = CALM
  network.outages.length = 0
  const random = strandOf(stage.scenario.seed, 'last')
  const clerk: Clerk = { scene: stage, name: 'last operator', random, taken: null, fault }
  if (stage.system !== null && !(await restOf(stage.system, clerk))) return
  if (await isOver(stage)) {
    if (!(await finish(stage, () => lastDay(stage, clients)))) fault('The last day did not end.')
    return
  }
  if (!(await finish(stage, () => finalPass(stage, fault)))) return fault('The pass did not end.')
  if ((await world.run(() => false)) !== 'idle') fault('Events go on for ever.')
  for (const [name, instance] of stage.pending) if (instance.alive) fault(`${name} at ${instance.name} never ended.`)
  if (!(await finish(stage, () => finalPass(stage, fault)))) fault('The last pass did not end.')
  if (!(await finish(stage, () => compare(stage, fault)))) fault('The comparison did not end.')
  if (stage.system !== null && !(await finish(stage, () => lastRuns(clerk)))) fault('The last runs did not end.')
}

/** Cleaned up: there are no stages any more, and no second copy to be equal to. */
async function isOver({ raw }: Scene): Promise<boolean> {
  for (const [source] of pairsOf(raw)) if (!(await source.control()).fence.plain) return false
  return true
}

/** The control plane comes to its rest first, as it would with nobody there. */
async function restOf(system: System, clerk: Clerk): Promise<boolean> {
  const { scene: stage, fault } = clerk
  system.calm = true
  if (!(await finish(stage, () => comeToRest(stage, system, clerk)))) {
    fault('The system came to no rest.')
    return false
  }
  if ((await stage.world.run(() => false)) !== 'idle') fault('Events go on for ever.')
  for (const text of await faultsAtRest(stage, system)) fault(text)
  return true
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
