import { effectivePercent } from '../../core/flags/schedule.js'
import { spanOf } from '../../core/readiness.js'
import { type Rehearsed, type RehearsedStep, rehearseStep } from '../../core/rollback/rehearse.js'
import type { Rollback, RollbackStep } from '../../core/rollback/rollback.js'
import { progressOf } from '../../core/run.js'
import { componentOf } from '../components.js'
import { collectionOf, type EngineContext } from '../context.js'
import { readNamedFlag } from '../flags/flags.js'
import { latestRun } from '../runs/store.js'
import { collectionStatus, seenFences } from '../status.js'

/**
 * What a rollback would do, step by step, how long that would take, and what would refuse. It reads stores and ledger
 * and changes nothing; what changes meanwhile is not in it.
 */
export async function rehearse(context: EngineContext, beginning: Rollback): Promise<Rollback> {
  const component = await componentOf(context, beginning.component)
  const told =
    component.kind === 'collection'
      ? await ofCollection(context, component.collection, beginning)
      : await ofFlag(context, component.flag, beginning)
  const steps = beginning.steps.map(({ step }, number): RollbackStep => {
    const { status, note, seconds } = told[number] ?? { status: 'to-do' as const, note: null, seconds: null }
    return { step, status, note, seconds, startedAt: null, endedAt: null, runId: null, attempts: 0 }
  })
  const refused = told.findIndex(({ status }) => status === 'failed')
  const spans = told.map(({ seconds }) => seconds)
  const secondsLeft = spans.some((span) => span === null)
    ? null
    : spans.reduce<number>((sum, span) => sum + (span ?? 0), 0)
  const howLong =
    secondsLeft === null ? 'nobody knows how long' : secondsLeft === 0 ? 'at once' : `about ${spanOf(secondsLeft)}`
  const inWords =
    refused < 0
      ? `It would come to its end: ${howLong}.`
      : `It would stop at step ${refused + 1}: ${told[refused]?.note ?? ''}`
  const status = refused < 0 ? 'completed' : 'failed'
  return { ...beginning, id: 'rehearsal', rehearsal: true, steps, status, secondsLeft, inWords, recorded: false }
}

type Told = Pick<RehearsedStep, 'status' | 'note' | 'seconds'>

async function ofCollection(context: EngineContext, name: string, { steps }: Rollback): Promise<Told[]> {
  const collection = collectionOf(context, name)
  const [seen, status, backfill] = await Promise.all([
    seenFences(collection),
    collectionStatus(context, name),
    latestRun(context.ledger, name, 'backfill'),
  ])
  const { source, target } = status
  let at: Rehearsed = {
    fences: seen.fences,
    facts: {
      open: target.open,
      listed: source.records,
      perSecond: backfill === null ? null : progressOf(backfill).perSecond,
    },
    away: !source.reachable ? 'source' : !target.reachable ? 'target' : null,
    leavesBehind: collection.leaseMs !== null,
  }
  const told: Told[] = []
  for (const { step } of steps) {
    const { status, note, seconds, left } = rehearseStep(step, at, context.clock.now())
    told.push({ status, note, seconds })
    if (status === 'failed') break
    at = left
  }
  return told
}

async function ofFlag(context: EngineContext, flag: string, { steps }: Rollback): Promise<Told[]> {
  let percent = effectivePercent(await readNamedFlag(context, flag), context.clock.now())
  return steps.map(({ step }): Told => {
    if (step.kind === 'wait')
      return { status: 'done', note: `It would wait for ${step.seconds} s.`, seconds: step.seconds }
    if (step.kind === 'checkpoint')
      return { status: 'done', note: 'It would wait until a checkpoint passes.', seconds: step.seconds }
    if (step.kind !== 'rollout') return { status: 'failed', note: `A flag takes no ${step.kind}.`, seconds: null }
    if (percent <= step.percent)
      return { status: 'skipped', note: `The rollout of ${flag} would be ${percent} %.`, seconds: 0 }
    const note = `The rollout of ${flag} would go from ${percent} % to ${step.percent} %, at once.`
    percent = step.percent
    return { status: 'done', note, seconds: 0 }
  })
}
