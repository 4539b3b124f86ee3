import { parseArgs } from 'node:util'
import { randomOf } from '../simulation/random.js'

export interface ChaosOptions {
  /** Of traffic; the last fifth of it without faults. Start and end come on top. */
  seconds: number
  /** Draws which fault comes when, what clients and operators do. What they meet is up to the machine. */
  seed: number
  instances: number
  /** `null`: a lost store is never left behind. */
  leaseMs: number | null
  /** File for the report as JSON. */
  out: string | null
  json: boolean
  /** For tests of the test: what one instance is made to do wrong. */
  sabotage: Sabotage | null
  /** Whether there are any: without, only clients and operators are at work. */
  faults: boolean
}

export type Sabotage = 'stale-reads' | 'lost-writes'

export const USAGE = `npm run chaos [-- options]

  --seconds N     of traffic under faults, 5 to 3600 (default 30)
  --seed N        draws the faults, the traffic and the operators' moves (default 1); real processes add their own chance
  --instances N   processes of the built functions, 1 to 16 (default 3)
  --json          one JSON object on standard output instead of the table
  --out FILE      the same JSON into a file
`

export function chaosOptions(seed: number, more: Partial<ChaosOptions> = {}): ChaosOptions {
  // With a lease, a store that is lost is left behind and the clients go on; without, strict stages wait for it.
  const leaseMs = randomOf(seed * 31 + 7).chance(0.5) ? 1_000 : null
  return { seconds: 30, seed, instances: 3, leaseMs, out: null, json: false, sabotage: null, faults: true, ...more }
}

/** A text instead: what is wrong with the arguments, or nothing where only help was asked for. */
export function parseOptions(args: readonly string[]): ChaosOptions | string {
  try {
    const { values } = parseArgs({ args: [...args], options: ARGUMENTS })
    if (values.help) return ''
    const seconds = whole('seconds', values.seconds, 30, 5, 3_600)
    const seed = whole('seed', values.seed, 1, 0, 2 ** 31)
    const instances = whole('instances', values.instances, 3, 1, 16)
    return chaosOptions(seed, { seconds, instances, out: values.out ?? null, json: values.json ?? false })
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown'
  }
}

const ARGUMENTS = {
  seconds: { type: 'string' },
  seed: { type: 'string' },
  instances: { type: 'string' },
  json: { type: 'boolean' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

function whole(name: string, text: string | undefined, otherwise: number, least: number, most: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new Error(`--${name} is a whole number from ${least} to ${most}.`)
}
