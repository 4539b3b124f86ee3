import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject, type Json, type JsonObject } from '../../lib/core/json.js'
import { STAGES, type Stage, stageIndex } from '../../lib/core/stage.js'
import { COLLECTION_NAMES, type CollectionName } from '../../scripts/demo/manifests.js'
import { type Random, randomOf } from '../simulation/random.js'
import { type Desk, desk, followed, type Said, shownRun } from './desk.js'
import type { ChaosOptions } from './options.js'
import type { Recorder } from './recorder.js'
import type { World } from './world.js'

/** What the operators did. */
export interface Course {
  /** Stage changes by where they led, as `live` or `live 10 %`. */
  moves: { [to: string]: number }
  rollbacks: number
  /** Runs by kind and end. */
  runs: { [end: string]: number }
  refusals: { [reason: string]: number }
}

/** An operator for each collection: up to the end and down again, with turns on the way, until told to stop. */
export async function operate(
  world: World,
  options: ChaosOptions,
  recorder: Recorder,
  stop: AbortSignal,
): Promise<Course> {
  const course: Course = { moves: {}, rollbacks: 0, runs: {}, refusals: {} }
  const control = desk(world.proxy.url, world.adminToken)
  await Promise.all(
    COLLECTION_NAMES.map(async (collection, at) => {
      const random = randomOf(options.seed * 613 + at)
      await travel({ collection, control, random, recorder, course, stop, lost: options.leaseMs !== null })
    }),
  )
  return course
}

/** Before the faults: each collection to where the seed says, so that not every run spends its time on the first stages. */
export async function climb(world: World, options: ChaosOptions): Promise<Stage[]> {
  const control = desk(world.proxy.url, world.adminToken)
  const random = randomOf(options.seed * 17 + 5)
  const goals = COLLECTION_NAMES.map(() => random.pick(STARTS))
  await Promise.all(
    COLLECTION_NAMES.map(async (collection, at) => {
      const goal = goals[at] ?? 'off'
      const up = (to: Stage) => control.call('POST', `/collections/${collection}/advance`, { reason: 'chaos', to })
      if (goal === 'off') return
      await up(stageIndex(goal) > stageIndex('shadow') ? 'shadow' : goal)
      if (stageIndex(goal) <= stageIndex('shadow')) return
      const said = await control.call('POST', `/collections/${collection}/backfill`, { reason: 'chaos' })
      if (said.kind === 'done') await followed(control, shownRun(said.body).runId, CLIMB_MS_MAX)
      await up(goal)
    }),
  )
  return goals
}

const STARTS: readonly Stage[] = ['off', 'dualwrite', 'shadow', 'live', 'live', 'rampdown', 'complete']
const CLIMB_MS_MAX = 10_000

interface Operator {
  collection: CollectionName
  control: Desk
  random: Random
  recorder: Recorder
  course: Course
  stop: AbortSignal
  /** Whether lost stores may be left behind. */
  lost: boolean
}

async function travel(operator: Operator): Promise<void> {
  const { random, stop, collection } = operator
  let direction: 'advance' | 'roll-back' = 'advance'
  while (!stop.aborted) {
    await sleep(random.below(500, 50), undefined, { signal: stop }).catch(() => {})
    const kind = random.next()
    if (kind < 0.82) direction = await move(operator, random.chance(0.15) ? other(direction) : direction)
    else if (kind < 0.89) await run(operator, 'backfill')
    else if (kind < 0.95) await run(operator, 'validate')
    else if (kind < 0.965) await say(operator, 'POST', '/emergency-rollback', { reason: 'chaos' })
    else await say(operator, 'GET', `/collections/${collection}`)
  }
}

function other(direction: 'advance' | 'roll-back'): 'advance' | 'roll-back' {
  return direction === 'advance' ? 'roll-back' : 'advance'
}

/** One move; answers in which direction to go on. What a refusal asks for is done. */
async function move(operator: Operator, verb: 'advance' | 'roll-back'): Promise<'advance' | 'roll-back'> {
  const { random, collection, course } = operator
  const share = random.chance(0.4) ? { rolloutPercent: random.pick([10, 25, 50, 75]) } : {}
  const to = random.chance(0.15) ? { to: random.pick(STAGES) } : {}
  const said = await say(operator, 'POST', `/collections/${collection}/${verb}`, { reason: 'chaos', ...share, ...to })
  if (said.kind === 'refused') {
    if (said.reason === 'target-not-full' || said.reason === 'source-not-full') await run(operator, 'backfill')
    if (said.reason === 'zero-loss-not-proved') await giveUp(operator)
    // The end of the way is in this direction.
    return said.reason === 'already-there' && Object.keys(to).length === 0 ? other(verb) : verb
  }
  if (said.kind !== 'done') return verb
  const { to: reached, rolloutPercent } = objectOf(said.body)
  const name = `${String(reached)}${rolloutPercent === 100 ? '' : ` ${String(rolloutPercent)} %`}`
  course.moves[name] = (course.moves[name] ?? 0) + 1
  if (verb === 'roll-back') course.rollbacks++
  if (reached === 'complete') return 'roll-back'
  return reached === 'off' || (reached === 'dualwrite' && random.chance(0.5)) ? 'advance' : verb
}

/** The source is given up after a check, or at the operator's own risk. */
async function giveUp(operator: Operator): Promise<void> {
  const { random, collection } = operator
  if (random.chance(0.6)) return run(operator, 'zero-loss')
  const risk = { reason: 'chaos', to: 'complete', acceptRisk: 'zero-loss-not-proved' }
  await say(operator, 'POST', `/collections/${collection}/advance`, risk)
}

/** Longer than a run takes unless its message was lost or its worker killed. */
const RUN_MS_MAX = 4_000
const CANCELLED_SHARE = 0.6

/** A run, looked at until it ends: a new one, or the one under way. Some are paused and resumed, or cancelled. */
async function run(operator: Operator, path: 'backfill' | 'validate' | 'zero-loss'): Promise<void> {
  const { collection, control, random, stop } = operator
  const said = await say(operator, 'POST', `/collections/${collection}/${path}`, { reason: 'chaos' })
  if (said.kind !== 'done' && said.kind !== 'refused') return
  const kind = path === 'zero-loss' ? 'validate' : path
  const runId = said.kind === 'done' ? shownRun(said.body).runId : await underWay(operator, kind)
  if (runId === null) return
  if (random.chance(0.1)) {
    await say(operator, 'POST', `/runs/${runId}/pause`, { reason: 'chaos' })
    await sleep(random.below(400))
    await say(operator, 'POST', `/runs/${runId}/resume`, { reason: 'chaos' })
  }
  const run = await followed(control, runId, RUN_MS_MAX, stop)
  const end = `${path} ${run?.status ?? 'unknown'}`
  operator.course.runs[end] = (operator.course.runs[end] ?? 0) + 1
  // What asked to resume it may have been lost.
  if (run?.status === 'paused') await say(operator, 'POST', `/runs/${runId}/resume`, { reason: 'chaos' })
  if (run?.status === 'running' && random.chance(CANCELLED_SHARE))
    await say(operator, 'POST', `/runs/${runId}/cancel`, { reason: 'chaos' })
}

async function underWay(operator: Operator, kind: string): Promise<string | null> {
  const said = await say(operator, 'GET', `/runs?active=true&collection=${operator.collection}`)
  if (said.kind !== 'done' || !Array.isArray(said.body)) return null
  return said.body.map(shownRun).find((candidate) => candidate.kind === kind)?.runId ?? null
}

async function say(operator: Operator, method: 'GET' | 'POST', path: string, body?: JsonObject): Promise<Said> {
  const said = await operator.control.call(method, path, body)
  const { refusals } = operator.course
  if (said.kind === 'refused') refusals[said.reason] = (refusals[said.reason] ?? 0) + 1
  if (said.kind === 'broken') operator.recorder.violation(`The verb ${method} ${path} was answered ${said.what}.`)
  return said
}

function objectOf(body: Json): JsonObject {
  return isJsonObject(body) ? body : {}
}
