import type { Copy, TargetCopy } from '../../lib/core/copy.js'
import { type SlotState, slotState } from '../../lib/core/fence.js'
import type { MigrationPlan } from '../../lib/core/plan/plan.js'
import type { PlanState } from '../../lib/core/plan/state.js'
import type { SourceControl } from '../../lib/core/protocol/answers.js'
import { isEnded, type Run } from '../../lib/core/run.js'
import { partitionOf } from '../../lib/core/slot.js'
import { isStrict, stageIndex } from '../../lib/core/stage.js'
import type { Collection } from '../../lib/engine/collection.js'
import { slotFor } from '../../lib/engine/data-plane/partition.js'
import { pairsOf } from '../../lib/engine/stages/move.js'
import type { Mismatch } from '../../lib/engine/validate/mismatches.js'
import type { Change, Entry } from '../../lib/ports/ledger.js'
import { COLLECTION } from './clients.js'
import { DAMAGED } from './damage.js'
import { faultsOfDecision } from './decisions.js'
import type { Scenario } from './scenario.js'

/**
 * Looks at both stores from outside, in one moment, whenever the ledger is told of something that had better be true:
 * a pass that is done, a difference that was found, a step that was left.
 */
export interface Oracles {
  /** To be told of every commit, while nothing else happens. */
  told(changes: readonly Change[], entries: readonly Entry[]): void
  /** The target has just lost data. */
  lost(): void
  /** A sampled read was found to differ. */
  differed(id: string, verdict: string): void
  /** What the strict stages promise at every moment. */
  examine(why: string): Promise<void>
}

interface Known {
  run: Run
  /** Begun since the last loss. */
  young: boolean
  /** Commits since the last loss. */
  commits: number
  /** How the slots stood when it began, by id. */
  began: ReturnType<typeof slotsOf>
}

/** One of a batch begun before the loss, and one of a batch begun after it. */
const COMMITS_TO_TELL = 2

export function oraclesOf(scenario: Scenario, raw: Collection, fault: (text: string) => void): Oracles {
  const runs = new Map<string, Known>()
  const plans = new Map<string, MigrationPlan>()
  let lossy = false
  const examine = async (why: string): Promise<void> => {
    for (const id of scenario.ids) {
      const wrong = faultOf(await standOf(raw, id))
      if (wrong !== null) fault(`${why}: ${wrong} (${id}).`)
    }
  }
  const changed = async (run: Run): Promise<void> => {
    const before = runs.get(run.id)
    const known = before ?? { run, young: true, commits: 0, began: slotsOf(raw, scenario) }
    runs.set(run.id, { ...known, run, commits: known.commits + 1 })
    if (before !== undefined && isEnded(before.run.status) && before.young && before.run.status !== run.status)
      fault(`The run ${run.id} was ${before.run.status} and became ${run.status}.`)
    if (run.status !== 'succeeded' || before?.run.status === 'succeeded') return
    // Marks tell of a loss that came before the last but one batch; of a later one only the next watch can.
    if (!known.young && known.commits < COMMITS_TO_TELL) return
    if (run.kind === 'backfill') await examine(`When the pass ${run.id} was done`)
    if (run.kind === 'validate' && scenario.whole?.damage) await missed(run, known)
  }
  const missed = async (run: Run, { began }: Known): Promise<void> => {
    const [then, now] = [(await began).get(DAMAGED), (await slotsOf(raw, scenario)).get(DAMAGED)]
    if (then === undefined || now === undefined || then.stage !== now.stage) return
    // It was in another stage meanwhile, and the validation says that it could not judge it there.
    if (then.epoch !== now.epoch && (run.counters.inconclusive ?? 0) > 0) return
    if (stageIndex(now.stage) >= stageIndex('dualwrite')) fault(`The validation ${run.id} did not find the damage.`)
  }
  const found = async ({ runId, id, reason, stage }: Mismatch): Promise<void> => {
    const known = runs.get(runId)
    if (id === DAMAGED || known === undefined || lossy) return
    const [then, now] = [(await known.began).get(id), (await slotsOf(raw, scenario)).get(id)]
    if (isFull(then) && isFull(now) && then?.period === now?.period)
      fault(`False alarm: the validation ${runId} found ${reason} of ${id} in ${stage}.`)
  }
  return {
    told(changes, entries) {
      for (const { key, value } of changes) {
        if (value === undefined) continue
        if (key.startsWith('run/')) void changed(value as unknown as Run)
        if (key.startsWith('mismatch/')) void found(value as unknown as Mismatch)
        if (key.startsWith('plan/')) plans.set(key.slice('plan/'.length), (value as unknown as PlanState).plan)
      }
      for (const entry of entries) {
        if (entry.stream !== 'audit') continue
        const runOf = (id: string): Run | undefined => runs.get(id)?.run
        for (const text of faultsOfDecision(entry.value, plans, lossy ? null : runOf)) fault(text)
      }
    },
    lost() {
      lossy = true
      for (const [id, known] of runs) runs.set(id, { ...known, young: false, commits: 0 })
    },
    differed(id, verdict) {
      // What a pass has not been over yet may differ, and so may copies that are late in dualwrite.
      void slotsOf(raw, scenario).then((slots) => {
        if (id !== DAMAGED && !lossy && isFull(slots.get(id)) && !verdict.includes('"dualwrite"'))
          fault(`False alarm: a sampled read of ${id} found ${verdict}.`)
      })
    },
    examine: async (why) => {
      if (!lossy) await examine(why)
    },
  }
}

function isFull(slot: SlotState | undefined): boolean {
  return slot !== undefined && isStrict(slot.stage) && slot.fullSource && slot.fullTarget
}

async function slotsOf(raw: Collection, { ids }: Scenario): Promise<Map<string, SlotState & { epoch: number }>> {
  const slots = new Map<string, SlotState & { epoch: number }>()
  const controls: SourceControl[] = []
  for (const [source] of pairsOf(raw)) controls.push(await source.control())
  for (const id of [...ids, DAMAGED]) {
    const control = controls[partitionOf(COLLECTION, id, controls.length)]
    if (control === undefined) continue
    const { fence, plan } = control
    // A step down reaches the target first.
    const epoch = Math.max(fence.epoch, plan?.fence.epoch ?? 0)
    slots.set(id, { ...slotState(fence, slotFor(raw, id)), epoch })
  }
  return slots
}

interface Stand {
  state: SlotState
  /** Both stores at one fence. */
  level: boolean
  here: Copy | null
  there: TargetCopy | null
}

async function standOf(raw: Collection, id: string): Promise<Stand> {
  const pairs = pairsOf(raw)
  const pair = pairs[partitionOf(COLLECTION, id, pairs.length)]
  if (pair === undefined) throw new Error('A partition is missing.')
  const [source, target] = pair
  const [here, there] = [await source.get(id), await target.get(id)]
  const state = slotState(here.fence, slotFor(raw, id))
  return { state, level: here.fence.epoch === there.fence?.epoch, here: here.copy, there: there.copy }
}

/** In strict slots whose target is full it is never behind, and what it does not mark as open is at the source too. */
function faultOf({ state, level, here, there }: Stand): string | null {
  if (!level || !isStrict(state.stage) || !state.fullTarget) return null
  const show = `${JSON.stringify(here)} and ${JSON.stringify(there)} in ${state.stage}`
  if ((here?.version ?? 0) > (there?.version ?? 0)) return `the source was ahead of the target, ${show}`
  const same = here?.version === there?.version && here?.op === there?.op
  if (there === null || there.open) return null
  return same && JSON.stringify(here?.value) === JSON.stringify(there.value) ? null : `the stores differed, ${show}`
}
