import { z } from 'zod'
import { type Command, keysOf } from './commands.js'

/**
 * What goes wrong, for which commands, how often. Rules are tried in the order in which they were added.
 * - `drop-before`: the socket is closed, nothing was executed.
 * - `drop-after`: everything was executed, then the socket is closed without an answer.
 * - `delay`: the request waits `delayMs` before anything is executed; other rules still apply to it.
 * - `error`: the command is not executed and answers `error`, a Redis error text; in a transaction all of it is discarded.
 * - `status`: nothing is executed, the answer is the HTTP `status`.
 *
 * All but `error` strike a whole request, at most once, if any of its commands matches.
 */
export const faultRule = z.strictObject({
  match: z.strictObject({ command: z.string().optional(), keyPrefix: z.string().optional() }).optional(),
  fault: z.enum(['drop-before', 'drop-after', 'delay', 'error', 'status']),
  delayMs: z.number().int().min(0).max(60_000).optional(),
  error: z.string().optional(),
  status: z.number().int().min(400).max(599).optional(),
  /** How often it strikes before it is spent; without it, always. */
  times: z.number().int().min(1).optional(),
  /** The share of matching requests (for `error`: commands) that it strikes, in [0, 1]; 1 by default. */
  probability: z.number().min(0).max(1).optional(),
})

export type FaultRule = z.infer<typeof faultRule>

/** What happens to one request. */
export interface Verdict {
  delayMs: number
  /** Error texts by the index of the command. */
  errors: ReadonlyMap<number, string>
  ending: { kind: 'drop-before' | 'drop-after' } | { kind: 'status'; status: number; error: string } | null
  fired: number
}

export class Faults {
  #rules: { rule: FaultRule; left: number }[] = []
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  add(rule: FaultRule): void {
    if (this.#rules.length >= RULES_MAX) throw new RangeError(`There are already ${RULES_MAX} fault rules.`)
    const parsed = faultRule.parse(rule)
    this.#rules.push({ rule: parsed, left: parsed.times ?? Number.POSITIVE_INFINITY })
  }

  clear(): void {
    this.#rules = []
  }

  decide(commands: readonly Command[]): Verdict {
    const errors = new Map<number, string>()
    let delayMs = 0
    let ending: Verdict['ending'] = null
    let fired = 0
    for (const entry of this.#rules) {
      const { rule } = entry
      const matching = commands.flatMap((command, index) => (matches(rule, command) ? [index] : []))
      if (rule.fault === 'error') {
        for (const index of matching) {
          if (errors.has(index) || !this.#strikes(entry)) continue
          errors.set(index, rule.error ?? 'ERR injected fault')
          fired += 1
        }
        continue
      }
      if (matching.length === 0 || (rule.fault !== 'delay' && ending !== null) || !this.#strikes(entry)) continue
      fired += 1
      if (rule.fault === 'delay') delayMs += rule.delayMs ?? 0
      else if (rule.fault !== 'status') ending = { kind: rule.fault }
      else ending = { kind: 'status', status: rule.status ?? 503, error: rule.error ?? 'ERR injected fault' }
    }
    this.#rules = this.#rules.filter((entry) => entry.left > 0)
    return { delayMs, errors, ending, fired }
  }

  #strikes(entry: { rule: FaultRule; left: number }): boolean {
    if (entry.left <= 0 || this.#random() >= (entry.rule.probability ?? 1)) return false
    entry.left -= 1
    return true
  }
}

const RULES_MAX = 1_000

function matches({ match }: FaultRule, command: Command): boolean {
  if (match?.command !== undefined && match.command.toUpperCase() !== command.name) return false
  const prefix = match?.keyPrefix
  return prefix === undefined || keysOf(command).some((key) => key.startsWith(prefix))
}

/** The mulberry32 generator: small, and the same numbers for the same seed on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
