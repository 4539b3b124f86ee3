import { CutoverError } from '../../../lib/core/error.js'
import { type Fence, INITIAL_FENCE, reach } from '../../../lib/core/fence.js'
import type { Json } from '../../../lib/core/json.js'
import type { Evidence } from '../../../lib/core/plan/evidence.js'
import type { MigrationPlan } from '../../../lib/core/plan/plan.js'
import type { RunStatus } from '../../../lib/core/plan/state.js'
import { decideMove, strictRanges, withFullFlags } from '../../../lib/core/transition.js'
import { memoryLedger } from '../../../lib/drivers/ledgers/memory.js'
import type { Autopilot, AutopilotActions, PlannedMove } from '../../../lib/engine/autopilot/actions.js'
import type { MoveResult } from '../../../lib/engine/stages/move.js'
import type { Clock } from '../../../lib/ports/clock.js'
import { good } from '../../core/plan/evidence.js'

/**
 * Collections that are nothing but fences, moved by the real rules; runs that end when they are looked at; evidence
 * that is good unless a test says otherwise.
 */
export class World {
  now = 1_000_000
  readonly fences = new Map<string, Fence>()
  /** Percent on the path new, by component. */
  readonly rollouts = new Map<string, number>()
  /** Everything that took effect, in order, such as `projects live 10`. */
  readonly effects: string[] = []
  /** Everything that was asked for, whether it changed anything or not. */
  readonly calls: string[] = []
  readonly runs = new Map<
    string,
    { key: string; kind: string; collection: string; startedAt: number; status: RunStatus }
  >()
  readonly ledger = memoryLedger()
  /** What evidence says otherwise than good. */
  says: (collection: string) => Partial<Evidence> | 'unavailable' = () => ({})
  /** Called before an action takes effect; may throw. */
  beforeAction: (what: string) => Promise<void> | void = () => undefined
  /** Called after it took effect; may throw, as a crash would. */
  afterAction: (what: string) => Promise<void> | void = () => undefined
  /** Why a plan may not go on. */
  holds: (plan: MigrationPlan) => Promise<string | null> | string | null = () => null
  /** The status of a run at its next look. */
  runEnds: (kind: string, collection: string) => RunStatus = () => 'complete'
  private ids = 0

  readonly clock: Clock = {
    now: () => this.now,
    monotonic: () => this.now,
    sleep: async () => undefined,
    random: () => 0.5,
    id: () => `id-${++this.ids}`,
  }

  readonly actions: AutopilotActions = {
    move: (collection, move) =>
      this.effect(`${collection} ${move.to} ${move.rolloutPercent}`, () => this.move(collection, move)),
    rollOut: (component, percent) =>
      this.effect(`${component} rollout ${percent}`, () => {
        const before = this.rollouts.get(component) ?? 0
        this.rollouts.set(component, percent)
        return { result: { before, after: percent }, changed: before !== percent }
      }),
    startRun: (kind, collection, key) =>
      this.effect(`${collection} ${kind}`, () => {
        const known = [...this.runs].find(([, run]) => run.key === key)
        if (known !== undefined) return { result: { runId: known[0] }, changed: false }
        const runId = `run-${this.runs.size + 1}`
        this.runs.set(runId, { key, kind, collection, startedAt: this.now, status: 'running' })
        return { result: { runId }, changed: true }
      }),
    run: async (runId) => {
      const run = this.runs.get(runId)
      if (run === undefined) return null
      if (run.status === 'running') run.status = this.runEnds(run.kind, run.collection)
      if (run.status === 'complete' && run.kind === 'backfill') this.declareFull(run.collection)
      return { status: run.status }
    },
    evidence: async (collection) => this.evidence(collection),
    cleanUp: (collection) =>
      this.effect(`${collection} clean-up`, () => {
        this.fences.set(collection, { ...this.fence(collection), plain: true })
        return { result: undefined, changed: true }
      }),
    exportDocuments: (collection) => this.effect(`${collection} export`, () => ({ result: undefined, changed: true })),
    holds: async (plan) => this.holds(plan),
    audit: (note) => ({ stream: 'audit', value: JSON.parse(JSON.stringify(note)) as Json }),
  }

  autopilot(parts: Partial<Autopilot> = {}): Autopilot {
    return { ledger: this.ledger, clock: this.clock, actions: this.actions, ...parts }
  }

  fence(collection: string): Fence {
    return this.fences.get(collection) ?? INITIAL_FENCE
  }

  /** Such as `live 10`. */
  stands(collection: string): string {
    const { stage, percent } = reach(this.fence(collection))
    return `${stage} ${percent}`
  }

  async audit(): Promise<AuditLine[]> {
    const { items } = await this.ledger.entries('audit', { limit: 500 })
    return items.map(({ value }) => value as unknown as AuditLine)
  }

  private async effect<T>(what: string, take: () => { result: T; changed: boolean }): Promise<T> {
    this.calls.push(what)
    await this.beforeAction(what)
    const { result, changed } = take()
    if (changed) this.effects.push(what)
    await this.afterAction(what)
    return result
  }

  private move(collection: string, move: PlannedMove): { result: MoveResult; changed: boolean } {
    const fence = this.fence(collection)
    const from = reach(fence).stage
    const decision = decideMove(fence, move, this.now)
    if (decision.kind === 'refused')
      return { result: { kind: 'refused', reason: decision.reason, from, to: decision.to }, changed: false }
    this.fences.set(collection, decision.fence)
    const { epoch } = decision.fence
    return {
      result: { kind: 'moved', from, to: move.to, epoch, rolloutPercent: move.rolloutPercent },
      changed: true,
    }
  }

  private declareFull(collection: string): void {
    const fence = this.fence(collection)
    this.fences.set(collection, withFullFlags(fence, strictRanges(fence)))
  }

  private evidence(collection: string): Evidence {
    const said = this.says(collection)
    if (said === 'unavailable') throw new CutoverError('unavailable', 'The store does not answer.')
    const latest = (kind: string) => {
      const found = [...this.runs].filter(([, run]) => run.kind === kind && run.collection === collection).at(-1)
      return found === undefined ? null : { runId: found[0], startedAt: found[1].startedAt, status: found[1].status }
    }
    const backfill = latest('backfill')
    const validation = latest('validate')
    const zeroLoss = latest('zero-loss')
    return good(this.now, {
      flags: flagsOf(this.fence(collection)),
      backfill: backfill && { ...backfill, complete: backfill.status === 'complete', deadLetters: 0 },
      validation: validation && {
        ...validation,
        complete: validation.status === 'complete',
        compared: 500,
        mismatches: 0,
      },
      zeroLoss: zeroLoss && {
        ...zeroLoss,
        outcome: zeroLoss.status === 'complete' ? 'passed' : 'inconclusive',
        checked: 500,
      },
      rollout: this.rollouts.get(collection) ?? 0,
      ...said,
    })
  }
}

export interface AuditLine {
  action: string
  plan: string
  collection: string | null
  by: string
  before: { status: string; step: string }
  after: { status: string; step: string }
  reason: string
  verdicts: { outcome: string; because: string; collection: string | null; condition: { kind: string } }[]
  evidence: { [collection: string]: Evidence | null }
}

function flagsOf(fence: Fence): NonNullable<Evidence['flags']> {
  const flags = { slots: 0, strict: 0, full: 0 }
  let from = 0
  for (const { until, period, fullSource, fullTarget } of fence.ranges) {
    const size = until - from
    flags.slots += size
    if (period > 0) flags.strict += size
    if (period > 0 && fullSource && fullTarget) flags.full += size
    from = until
  }
  return flags
}
