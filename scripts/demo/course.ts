import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet } from './fleet.js'
import type { EndedRun, Operator } from './operator.js'
import type { Progress } from './progress.js'
import type { Tally } from './tally.js'

export interface CourseParts {
  operator: Operator
  fleet: Fleet
  tally: Tally
  progress: Progress
  /** Traffic in a stage before the next step, in milliseconds. */
  stageMs: number
  /** Whether it also turns back to dualwrite, after which everything has to be copied again. */
  farBack: boolean
  /** A number in [0, 1) that chooses the stage in which an instance is ended hard. */
  chance: number
}

export interface CourseResult {
  rollbacks: number
  /** Confirmed differences that the validation runs under way found. */
  mismatches: number
}

/** The whole way under traffic: up to complete, with a rollback or two between. */
export async function travel(parts: CourseParts): Promise<CourseResult> {
  const { operator, tally } = parts
  const killIn = KILL_STAGES[Math.floor(parts.chance * KILL_STAGES.length)]
  let mismatches = 0
  let rollbacks = 0

  const stay = async (): Promise<void> => {
    const { name, rolloutPercent } = tally.stages.at(-1) ?? { name: '', rolloutPercent: 0 }
    await sleep(parts.stageMs / 2)
    if (`${name} ${rolloutPercent}` === killIn && parts.fleet.killed === 0) {
      parts.progress.say('an instance is killed in the midst of requests')
      await parts.fleet.killOne()
    }
    await sleep(parts.stageMs / 2)
  }
  const up = async (to: string, percent = 100, note: string | null = null): Promise<void> => {
    await operator.move('advance', to, note ?? 'demo', percent)
    entered(parts, to, percent, note)
  }
  const back = async (to: string): Promise<void> => {
    await operator.move('roll-back', to, 'demo: rollback')
    rollbacks++
    entered(parts, to, 100, 'rollback')
    await stay()
  }
  const fill = async (): Promise<void> => said(parts, 'back-fill', await operator.run('backfill'))
  const validate = async (): Promise<void> => {
    const runs = await operator.run('validate')
    said(parts, 'validation', runs)
    mismatches += mismatchesOf(runs)
  }

  entered(parts, 'off', 100, null)
  await stay()
  await up('dualwrite')
  await fill()
  await stay()
  await up('shadow')
  await fill()
  await validate()
  await stay()
  for (const percent of [10, 50, 100]) {
    await up('live', percent)
    await stay()
  }
  await back('shadow')
  await up('live', 100, 'again')
  await stay()
  if (parts.farBack) {
    await back('dualwrite')
    await up('shadow', 100, 'again')
    await fill()
    await up('live', 100, 'again')
    await validate()
    await stay()
  }
  await up('rampdown')
  await stay()
  said(parts, 'zero-loss check', await operator.run('zero-loss'))
  await up('complete')
  await stay()
  return { rollbacks, mismatches }
}

const KILL_STAGES = ['dualwrite 100', 'shadow 100', 'live 10', 'live 50', 'live 100', 'rampdown 100', 'complete 100']

function entered({ tally, progress }: CourseParts, name: string, percent: number, note: string | null): void {
  tally.enter(name, percent, note)
  progress.say(`stage ${name}${percent === 100 ? '' : ` ${percent} %`}${note === null ? '' : ` (${note})`}`)
}

function said({ progress }: CourseParts, what: string, runs: readonly EndedRun[]): void {
  const each = runs.map(
    ({ collection, records, batches, perSecond }) =>
      `${records} ${collection} in ${batches} batches, ${Math.round(perSecond ?? 0)}/s`,
  )
  progress.say(`${what}: ${each.join('; ')}`)
}

export function mismatchesOf(runs: readonly EndedRun[]): number {
  return runs.reduce((sum, { result }) => sum + Number(result.mismatched ?? 0), 0)
}
