import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Scenario, scenarioOf } from './scenario.js'

export type Options = { json: boolean } & (
  | { kind: 'replay'; scenario: Scenario }
  | {
      kind: 'many'
      from: number
      seeds: number
      workers: number
      minutes: number | null
      target: Scenario['target'] | null
    }
)

export const USAGE = `Usage: npm run simulate -- [options]
  --seeds N          histories to play (2000; with --minutes, as many as there is time for)
  --from S           first seed (1)
  --workers W        processes (one a core)
  --minutes M        stop after this long
  --target T         memory or redis, for every seed (a few seeds in a hundred: redis)
  --seed S           one history, with its trace
  --scenario JSON    one history, as a failing one was shrunk to
  --json             a report as JSON`

const SEEDS = 2_000
const WORKERS_MAX = 64

/** Throws an Error whose message names the option at fault. */
export function optionsOf(argv: readonly string[]): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: text,
      from: text,
      seed: text,
      scenario: text,
      workers: text,
      minutes: text,
      target: text,
      json: { type: 'boolean', default: false },
    },
  })
  const { json } = values
  const target = targetOf(values.target)
  const aimed = (scenario: Scenario): Scenario => (target === null ? scenario : { ...scenario, target })
  const alone = ['seed', 'scenario'].filter((name) => name in values)
  const others = ['seeds', 'from', 'workers', 'minutes'].filter((name) => name in values)
  const [one] = alone
  const [other] = alone.length === 2 ? ['scenario'] : others
  if (one !== undefined && other !== undefined) throw new Error(`--${one} and --${other} do not go together.`)
  if (values.scenario !== undefined) return { json, kind: 'replay', scenario: aimed(scenarioFrom(values.scenario)) }
  if (values.seed !== undefined)
    return { json, kind: 'replay', scenario: aimed(scenarioOf(whole('seed', values.seed, 0))) }
  const minutes = values.minutes === undefined ? null : positive('minutes', values.minutes)
  return {
    json,
    kind: 'many',
    from: whole('from', values.from ?? '1', 0),
    seeds: whole('seeds', values.seeds ?? String(minutes === null ? SEEDS : Number.MAX_SAFE_INTEGER), 1),
    workers: Math.min(WORKERS_MAX, whole('workers', values.workers ?? String(cpus().length), 1)),
    minutes,
    target,
  }
}

function targetOf(value: string | undefined): Scenario['target'] | null {
  if (value === undefined || value === 'memory' || value === 'redis') return value ?? null
  throw new Error(`--target is memory or redis, not ${JSON.stringify(value)}.`)
}

function whole(name: string, value: string, least: number): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number
  throw new Error(`--${name} is a whole number of at least ${least}, not ${JSON.stringify(value)}.`)
}

function positive(name: string, value: string): number {
  const number = Number(value)
  if (/^\d+(\.\d+)?$/.test(value) && number > 0) return number
  throw new Error(`--${name} is a number above 0, not ${JSON.stringify(value)}.`)
}

/** The text that a report printed: whatever any scenario has must be there, and of its kind. */
function scenarioFrom(text: string): Scenario {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw new Error('--scenario is not JSON; quote it for the shell.')
  }
  if (typeof given !== 'object' || given === null) throw new Error('--scenario is not an object.')
  for (const [name, value] of Object.entries(scenarioOf(1))) {
    const found: unknown = (given as { [name: string]: unknown })[name]
    const nullable = value === null || ['leaseMs', 'weak', 'whole'].includes(name)
    if (found === undefined || (!nullable && typeof found !== typeof value))
      throw new Error(`--scenario has no proper ${name}: it was printed by another version of the simulation.`)
  }
  return given as Scenario
}
