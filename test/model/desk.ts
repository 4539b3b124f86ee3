import { CutoverError } from '../../lib/core/error.js'
import type { Json, JsonObject } from '../../lib/core/json.js'
import type { Run } from '../../lib/core/run.js'
import { NO_SWITCHES } from '../../lib/core/switches.js'
import type { Move } from '../../lib/core/transition.js'
import { memoryDocuments } from '../../lib/drivers/documents/memory.js'
import { memoryLedger } from '../../lib/drivers/ledgers/memory.js'
import type { Collection, Surroundings } from '../../lib/engine/collection.js'
import type { EngineContext } from '../../lib/engine/context.js'
import { cleanUpRun, QUIET_MS } from '../../lib/engine/finish/clean-up.js'
import { backfillRun } from '../../lib/engine/runs/backfill.js'
import { degrade } from '../../lib/engine/stages/degrade.js'
import { moveStage, pairsOf } from '../../lib/engine/stages/move.js'
import { reconcile } from '../../lib/engine/stages/reconcile.js'
import { recoverTarget } from '../../lib/engine/stages/recover-target.js'
import type { Program } from './behaviour.js'
import { placeOf, SAFE, type Setting } from './place.js'

/** What an operator, the watch or a worker does, one thing after the other. */
export type Deed =
  | Move
  | 'pass'
  /** A pass that is overtaken: all of this happens between its first batch and the rest. */
  | { passAround: readonly Deed[] }
  | 'reconcile'
  | 'leave-source-behind'
  | 'leave-target-behind'
  | 'recover'
  | 'clean-up'
  /** From here on the target is not set back any more. */
  | 'safe'

/** What is refused or fails is left at that, unless all of it `must` be done. */
export function operator(deeds: readonly Deed[], setting: Setting, must = false): Program {
  return async (ports) => {
    const { collection, around } = placeOf(ports, setting)
    for (const deed of deeds) {
      try {
        const result = await done(deed, collection, around)
        if (must && result?.kind === 'refused') throw new Error(`Refused: ${JSON.stringify(result)}`)
      } catch (error) {
        const expected = error instanceof CutoverError && ['unavailable', 'contended', 'conflict'].includes(error.code)
        if (must || !expected) throw error
      }
    }
  }
}

const MOVER = { by: 'operator', reason: 'model' }

async function done(deed: Deed, collection: Collection, around: Surroundings): Promise<{ kind: string } | undefined> {
  if (deed === 'leave-source-behind') return degrade(collection, 'source', MOVER, around)
  if (deed === 'leave-target-behind') return degrade(collection, 'target', MOVER, around)
  if (deed === 'pass') await pass(collection, around, [])
  else if (deed === 'safe') await around.clock.sleep(SAFE)
  else if (deed === 'clean-up') await cleanUp(collection, around)
  else if (deed === 'recover') await recoverTarget(collection, MOVER, around)
  else if (deed === 'reconcile') for (const [source, target] of pairsOf(collection)) await reconcile(source, target)
  else if ('direction' in deed) return moveStage(collection, deed, MOVER, around)
  else await pass(collection, around, deed.passAround)
  return undefined
}

/** The clean-up after the last day. Its quiet time ends when all that was under way is over. */
async function cleanUp(collection: Collection, around: Surroundings): Promise<void> {
  // Nothing of what may forbid it is there.
  const free = { ledger: memoryLedger(), documents: memoryDocuments(), switches: NO_SWITCHES }
  const context = { ...around, ...free, collections: [collection] } as unknown as EngineContext
  const run = { input: { quietMs: 0 }, ...MOVER, counters: {}, collection: collection.name } as unknown as Run
  run.cursor = (await cleanUpRun.begin(context, collection, {})).cursor
  for (let batch = 0; run.cursor !== null; batch++) {
    if (batch === 1) await around.clock.sleep(QUIET_MS)
    run.cursor = (await cleanUpRun.batch(context, collection, run, 100)).cursor
  }
}

/** A whole back-fill run, as its worker would do it. */
async function pass(collection: Collection, around: Surroundings, meanwhile: readonly Deed[]): Promise<void> {
  const context = { ...around, collections: [collection] } as unknown as EngineContext
  const beginning = await backfillRun.begin(context, collection, {})
  const run = { cursor: beginning.cursor, counters: {}, collection: collection.name, id: 'pass' } as unknown as Run
  run.input = (beginning.facts ?? {}) as JsonObject
  for (let batch = 0; run.cursor !== null; batch++) {
    if (batch === 1) for (const deed of meanwhile) await done(deed, collection, around)
    const { cursor, counters } = await backfillRun.batch(context, collection, run, 100)
    run.cursor = cursor as Json
    for (const [name, count] of Object.entries(counters)) run.counters[name] = (run.counters[name] ?? 0) + count
  }
  await backfillRun.finish(context, collection, run)
}
