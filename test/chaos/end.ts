import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject } from '../../lib/core/json.js'
import type { Collection } from '../../lib/engine/collection.js'
import { locate, partitionStates } from '../../lib/engine/data-plane/partition.js'
import { pairsOf } from '../../lib/engine/stages/move.js'
import { wire } from '../../lib/wire.js'
import { COLLECTION_NAMES, type CollectionName } from '../../scripts/demo/manifests.js'
import { httpClient } from './clients/http.js'
import { type Desk, desk, followed, shownRun } from './desk.js'
import type { Recorder } from './recorder.js'
import type { World } from './world.js'

/** What was found after the last fault and the last operation. */
export interface Ending {
  compared: number
  /** One sentence each. */
  faults: string[]
  /** What it took until no run was under way, in milliseconds. */
  runsEndedMs: number
}

/**
 * When all is calm and nothing is under way: runs end by themselves, both stores can be brought to hold everything and
 * are then equal, copy by copy, nothing open and nothing on hold; and each record is read once more.
 */
export async function conclude(world: World, recorder: Recorder, say: (text: string) => void): Promise<Ending> {
  const faults: string[] = []
  const control = desk(world.proxy.url, world.adminToken)
  const runsEndedMs = await runsEnd(control, faults)
  say(`all runs had ended after ${Math.round(runsEndedMs / 100) / 10} s`)
  await Promise.all(COLLECTION_NAMES.map((collection) => makeFull(control, collection, faults)))
  say('both stores are declared full')
  const compared = await compare(world, recorder, faults)
  await lastReads(world, recorder, faults)
  return { compared, faults, runsEndedMs }
}

const RUNS_MS_MAX = 45_000
const LOOK_MS = 200

async function runsEnd(control: Desk, faults: string[]): Promise<number> {
  const began = performance.now()
  for (;;) {
    const said = await control.call('GET', '/runs?active=true&limit=200')
    const running = said.kind === 'done' && Array.isArray(said.body) ? said.body.map(shownRun) : null
    if (running?.length === 0) return performance.now() - began
    for (const { runId, status } of running ?? [])
      if (status === 'paused') await control.call('POST', `/runs/${runId}/resume`, { reason: 'the end' })
    if (performance.now() - began > RUNS_MS_MAX) {
      faults.push(`Runs have not ended: ${JSON.stringify(running)}`)
      return performance.now() - began
    }
    await sleep(LOOK_MS)
  }
}

const STEPS_MAX = 40
const RUN_MS_MAX = 30_000

/** To a strict stage in all slots, with a whole pass; then a validation that finds nothing. */
async function makeFull(control: Desk, collection: CollectionName, faults: string[]): Promise<void> {
  for (let step = 0; step < STEPS_MAX; step++) {
    const said = await control.call('GET', `/collections/${collection}`)
    const status = said.kind === 'done' && isJsonObject(said.body) ? said.body : null
    if (status === null) {
      await sleep(LOOK_MS)
      continue
    }
    const isStrict = status.stage === 'shadow' || (status.stage === 'live' && status.rolloutPercent === 100)
    if (isStrict && status.full === true && status.settling === false && step > 0) {
      const { runId } = await started(control, collection, 'validate')
      const run = await followed(control, runId, RUN_MS_MAX)
      const mismatched = Number(run?.result.mismatched ?? 0)
      if (run?.status !== 'succeeded' || mismatched > 0)
        faults.push(
          `The last validation of ${collection} ${run?.status}, with ${mismatched} mismatches: ${run?.reason}`,
        )
      return
    }
    await towardsFull(control, collection, String(status.stage), Number(status.rolloutPercent))
  }
  faults.push(`${collection} could not be brought to a strict stage with both stores full.`)
}

async function towardsFull(control: Desk, collection: CollectionName, stage: string, percent: number): Promise<void> {
  const body = { reason: 'the end' }
  const move = (verb: string, more: { to?: string } = {}) =>
    control.call('POST', `/collections/${collection}/${verb}`, { ...body, ...more })
  if (stage === 'off' || stage === 'dualwrite') await move('advance')
  else if (stage === 'complete' || stage === 'rampdown') await move('roll-back')
  else {
    // First a whole pass wherever it stands; then what is left of a rollout.
    const { runId } = await started(control, collection, 'backfill')
    await followed(control, runId, RUN_MS_MAX)
    if (percent < 100) await move('advance', { to: stage })
  }
}

async function started(control: Desk, collection: CollectionName, path: string): Promise<{ runId: string }> {
  for (let turn = 0; turn < STEPS_MAX; turn++) {
    const said = await control.call('POST', `/collections/${collection}/${path}`, { reason: 'the end' })
    if (said.kind === 'done') return shownRun(said.body)
    await sleep(LOOK_MS)
  }
  throw new Error(`The last ${path} of ${collection} could not be started.`)
}

/** Copy by copy, asked of the stores themselves and past the functions. */
async function compare({ env }: World, recorder: Recorder, faults: string[]): Promise<number> {
  // The Blob SDK has one address for a process, and an earlier run may have set it.
  delete process.env.VERCEL_BLOB_API_URL
  const { collections } = await (await wire(env)).control()
  let compared = 0
  for (const collection of collections) {
    for (const [source, target] of pairsOf(collection)) {
      const [here, there] = [await source.control(), await target.control()]
      if (here.hold || there.hold) faults.push(`${collection.name} is on hold.`)
      if (here.fence.epoch !== there.fence?.epoch) faults.push(`The fences of ${collection.name} differ.`)
    }
    for (const id of recorder.ids(collection.name)) {
      compared++
      faults.push(...(await differences(collection, id)))
    }
  }
  return compared
}

async function differences(collection: Collection, id: string): Promise<string[]> {
  const { state } = locate(collection, partitionStates(collection), id)
  const [here, there] = [(await state.source.get(id)).copy, (await state.target.get(id)).copy]
  const { open = false, ...copy } = there ?? {}
  const faults = open ? [`The target still marks ${collection.name}/${id} as open.`] : []
  const [left, right] = [JSON.stringify(ordered(here)), JSON.stringify(there === null ? null : ordered(copy))]
  if (left !== right) faults.push(`The stores differ in ${collection.name}/${id}: ${left} and ${right}.`)
  return faults
}

function ordered(copy: { version?: number; op?: string; value?: unknown } | null): object | null {
  return copy === null ? null : { version: copy.version, op: copy.op, value: copy.value }
}

async function lastReads({ proxy }: World, recorder: Recorder, faults: string[]): Promise<void> {
  const client = httpClient(proxy.url, 'last', RUN_MS_MAX)
  for (const collection of COLLECTION_NAMES) {
    for (const id of recorder.ids(collection)) {
      const began = recorder.tick()
      const told = await client.get({ collection, id }, null)
      if (told.kind !== 'answered') faults.push(`${collection}/${id} could not be read at the end: ${told.kind}.`)
      else {
        const saw = told.told?.value ?? null
        recorder.add(collection, id, { name: 'last', began, ended: recorder.tick(), act: { do: 'read', saw } })
      }
    }
  }
}
