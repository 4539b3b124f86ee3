import { backfill } from '../../lib/commands/operators/runs/backfill.js'
import { checkZeroLoss } from '../../lib/commands/operators/runs/check-zero-loss.js'
import type { Run } from '../../lib/core/run.js'
import { pairsOf } from '../../lib/engine/stages/move.js'
import { COLLECTION, client, textOf } from './clients.js'
import { persistently } from './operators.js'
import { runsOf } from './rest.js'
import type { Scene } from './scene.js'
import { type Clerk, cancelPaused, verb } from './staff.js'

const INPUT = { collection: COLLECTION, reason: 'the end' }
const CALLER = { name: 'operator', role: 'admin' } as const
const LOOKS_MAX = 30
const LOOK_MS = 2_000

/**
 * With both stores equal and nobody writing, a back-fill over the queue must succeed, and a check for loss must prove
 * that there was none; unless the scenario has planted damage, which it must find and nothing else.
 */
export async function lastRuns(clerk: Clerk): Promise<void> {
  const { scene, fault } = clerk
  const damaged = scene.network.mishaps.names.includes('damage')
  await cancelPaused(clerk)
  await verb(clerk, 'last back-fill', ({ command }) => backfill.run(command, INPUT, CALLER))
  const pass = await ended(scene, 'backfill')
  if (pass?.status !== 'succeeded') fault(`The last back-fill did not succeed: ${JSON.stringify(pass)}`)
  await verb(clerk, 'last check', ({ command }) => checkZeroLoss.run(command, INPUT, CALLER))
  const check = await ended(scene, 'validate')
  const { mismatched = 0, inconclusive = 0 } = check?.counters ?? {}
  const wanted = damaged ? 'failed' : 'succeeded'
  if (check?.status !== wanted || mismatched !== (damaged ? 1 : 0) || inconclusive !== 0)
    fault(`The last check should have ${wanted}: ${JSON.stringify(check)}`)
}

/** The newest run of the kind, when it has ended. */
async function ended(scene: Scene, kind: Run['kind']): Promise<Run | undefined> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const runs = (await runsOf(scene)).filter((run) => run.kind === kind && run.reason === INPUT.reason)
    if (runs[0] !== undefined && runs[0].endedAt !== null) return runs[0]
    await scene.world.sleep(LOOK_MS)
  }
  return undefined
}

/** What clients still do after the clean-up. */
const OPERATIONS = 5

/**
 * After the clean-up: clients go on, at instances that may not have heard of it, over the same network; then every
 * record must read as its history says, and nothing of ours be left at the target.
 */
export async function lastDay(scene: Scene, clients: (name: string) => Parameters<typeof client>[0]): Promise<void> {
  const { world, network, scenario, raw, history, faults } = scene
  const calm = network.weather
  network.weather = scenario.weather
  const names = Array.from({ length: scenario.clients }, (_, at) => `d${at}`)
  await Promise.all(names.map((name) => client(clients(name), name, OPERATIONS)))
  network.weather = calm
  await world.sleep(60_000)
  for (const id of scenario.ids) {
    const began = world.tick()
    const read = await persistently(world, () => scene.server().plane.get(COLLECTION, id))
    const saw = read.kind === 'found' ? textOf(read.value) : null
    history.add(id, { name: 'last', began, ended: world.tick(), act: { do: 'read', saw } })
  }
  for (const [, target] of pairsOf(raw)) {
    if ((await target.control()).fence !== null) faults.push('The clean-up left a fence.')
  }
  const { records, tombstones } = await raw.target.count()
  if (tombstones > 0) faults.push(`The clean-up left ${tombstones} tombstones among ${records} records.`)
}
