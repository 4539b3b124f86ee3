import type { Json } from '../../lib/core/json.js'
import type { Verdict } from '../../lib/core/plan/evidence.js'
import type { MigrationPlan } from '../../lib/core/plan/plan.js'
import type { Run } from '../../lib/core/run.js'

interface Decided {
  action: string
  plan: string
  before: { step: string }
  verdicts: Verdict[]
}

/**
 * What is wrong with a decision of the autopilot, as the audit trail has it: a step that was left without each of its
 * conditions passed, its action done and its soak over. `runOf`: the ledger's word on a run; `null` where the ledger
 * itself has forgotten things.
 */
export function faultsOfDecision(
  entry: Json,
  plans: ReadonlyMap<string, MigrationPlan>,
  runOf: ((id: string) => Run | undefined) | null,
): string[] {
  const { action, plan: name, before, verdicts } = entry as unknown as Decided
  if (action !== 'plan-advanced' && action !== 'plan-finished') return []
  const plan = plans.get(name)
  const step = plan?.steps.find((candidate) => candidate.name === before.step)
  if (plan === undefined || step === undefined) return [`The plan ${name} left a step that it does not have.`]
  const passed = (kind: string, collection: string | null): boolean =>
    verdicts.some((one) => one.condition.kind === kind && one.collection === collection && one.outcome === 'pass')
  const faults = verdicts.some(({ outcome }) => outcome !== 'pass') ? [`left ${step.name} against a verdict`] : []
  if (!passed('soak', null)) faults.push(`left ${step.name} before its soak was over`)
  for (const collection of plan.collections) {
    for (const kind of ['action-done', ...step.gate.map((condition) => condition.kind)])
      if (!passed(kind, collection)) faults.push(`left ${step.name} without ${kind}`)
  }
  const done = verdicts.find(({ condition }) => condition.kind === 'action-done')
  const runId = done?.numbers.runId
  if (runOf !== null && typeof runId === 'string' && runOf(runId)?.status !== 'succeeded')
    faults.push(`left ${step.name} although its run ${runId} is ${runOf(runId)?.status}`)
  return faults.map((text) => `The plan ${name} ${text}.`)
}
