import { actsOf } from './acts.js'
import type { Outcome } from './play.js'
import type { Scenario } from './scenario.js'
import { smallerOf } from './shrink-steps.js'

/**
 * Makes a failing history smaller: without operations of clients and turns of operators, without mishaps, with fewer
 * actors and less of everything, until nothing more can be left out without the first fault becoming another kind, or
 * until the limits are reached.
 *
 * What it answers is data: played again it fails again, in the same way. It is small, not smallest: a fault that needs
 * two things to be left out at once is not looked for.
 */
export async function shrink(failing: Scenario, play: Play, limits: Limits = {}): Promise<Shrunk> {
  const first = await played(play, failing, false)
  const [fault] = first.faults
  if (fault === undefined) throw new Error('A history that does not fail cannot be shrunk.')
  const search: Search = {
    kind: kindOf(fault, failing),
    play,
    best: { scenario: failing, outcome: first },
    replays: 1,
    replaysMax: limits.replays ?? REPLAYS_MAX,
    until: limits.seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + limits.seconds * 1_000,
    tried: new Set(),
  }
  for (let before = ''; before !== textOf(search.best) && !isOver(search); ) {
    before = textOf(search.best)
    await shrinkActs(search)
    await shrinkMishaps(search)
    await shrinkScenario(search)
  }
  const { scenario } = search.best
  const outcome = await played(play, scenario, true)
  return {
    scenario,
    outcome,
    replays: search.replays,
    complete: !isOver(search),
    was: sizeOf(first),
    is: sizeOf(outcome),
  }
}

export type Play = (scenario: Scenario, traced: boolean) => Promise<Outcome>

export interface Limits {
  replays?: number
  seconds?: number
}

export interface Shrunk {
  scenario: Scenario
  /** Of the last replay, traced. */
  outcome: Outcome
  replays: number
  /** Nothing more could be left out; otherwise the limits were reached. */
  complete: boolean
  was: Size
  is: Size
}

export interface Size {
  operations: number
  mishaps: number
}

const REPLAYS_MAX = 2_000

/** What stays of a fault when names, numbers and values are taken out: the same for two histories that fail alike. */
export function kindOf(fault: string, { ids }: Pick<Scenario, 'ids'>): string {
  const [line = ''] = fault.split('\n')
  return line
    .replace(/(?:[[{]|\bnull\b).*$/, '')
    .replace(/"[^"]*"/g, '_')
    .replace(/\b[a-z]+\d[\w.+/'-]*/g, '_')
    .replace(/\d+/g, '0')
    .split(' ')
    .map((word) => (ids.includes(word.replace(/[^a-z]/g, '')) ? '_' : word))
    .join(' ')
}

/** A history that cannot be played to its end has failed too. */
export async function played(play: Play, scenario: Scenario, traced: boolean): Promise<Outcome> {
  try {
    return await play(scenario, traced)
  } catch (error) {
    const fault = `The simulation broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
    const counts = { stageChanges: 0, runs: 0, ticks: 0 }
    return { faults: [fault], operations: 0, trace: [], mishaps: [], counts }
  }
}

interface Search {
  kind: string
  play: Play
  best: { scenario: Scenario; outcome: Outcome }
  replays: number
  replaysMax: number
  /** Real time, as `performance.now` shows it. */
  until: number
  tried: Set<string>
}

function isOver({ replays, replaysMax, until }: Search): boolean {
  return replays >= replaysMax || performance.now() >= until
}

/** Takes the scenario for the best one if it fails in the same way. */
async function keeps(search: Search, candidate: Scenario): Promise<boolean> {
  const scenario = tidy(candidate)
  const text = JSON.stringify(scenario)
  if (isOver(search) || search.tried.has(text)) return false
  search.tried.add(text)
  search.replays += 1
  const outcome = await played(search.play, scenario, false)
  const [fault] = outcome.faults
  if (fault === undefined || kindOf(fault, scenario) !== search.kind) return false
  search.best = { scenario, outcome }
  return true
}

/** Without the names of acts that there are no longer. */
function tidy({ skip = [], ...scenario }: Scenario): Scenario {
  const acts = actsOf(scenario)
  const left = skip.filter((name) => acts.includes(name))
  return left.length === 0 ? scenario : { ...scenario, skip: left }
}

/** Goes on from where a step was taken, and round again until none can be. */
async function shrinkScenario(search: Search): Promise<void> {
  for (let taken = true; taken && !isOver(search); ) {
    taken = false
    for (let at = 0; ; ) {
      const step = smallerOf(search.best.scenario)[at]
      if (step === undefined) break
      if (await keeps(search, step)) taken = true
      else at += 1
    }
  }
}

/** Leaves out operations and turns, the pauses before them staying. */
async function shrinkActs(search: Search): Promise<void> {
  await leaveOut(
    search,
    ({ scenario }) => actsOf(scenario).filter((name) => scenario.skip?.includes(name) !== true),
    (scenario, kept) => ({ ...scenario, skip: actsOf(scenario).filter((name) => !kept.includes(name)) }),
  )
}

/** Leaves out mishaps of those that came. */
async function shrinkMishaps(search: Search): Promise<void> {
  await leaveOut(
    search,
    ({ outcome }) => outcome.mishaps,
    (scenario, only) => ({ ...scenario, only }),
  )
}

/** Delta debugging: without ever smaller parts of what there is, down to single things. */
async function leaveOut(
  search: Search,
  namesOf: (best: Search['best']) => readonly string[],
  withOnly: (scenario: Scenario, names: readonly string[]) => Scenario,
): Promise<void> {
  for (let parts = 1; !isOver(search); ) {
    const names = namesOf(search.best)
    const size = Math.ceil(names.length / parts)
    let less = false
    for (let from = 0; from < names.length && !less; from += size) {
      const rest = [...names.slice(0, from), ...names.slice(from + size)]
      less = await keeps(search, withOnly(search.best.scenario, rest))
    }
    if (less) parts = Math.max(1, parts - 1)
    else if (size <= 1) return
    else parts *= 2
  }
}

function sizeOf({ operations, mishaps }: Outcome): Size {
  return { operations, mishaps: mishaps.length }
}

function textOf({ scenario }: Search['best']): string {
  return JSON.stringify(scenario)
}
