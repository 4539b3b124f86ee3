import { CutoverError } from '../error.js'
import { isJsonObject, type Json } from '../json.js'

/**
 * Places whose values must not be shown, as patterns of paths: `$.secret`, `$.servers[*].token`, `$.a.*.key`,
 * `$["odd name"]`, `$.**.password`. A star is any one step (member or index), two stars are any number of steps, also
 * none. What lies below a place is hidden with it.
 *
 * A redaction is walked down together with the value: it stands at one place, and `below` takes one step.
 */
export interface Redaction {
  readonly patterns: readonly (readonly Step[])[]
  /** For each pattern the steps that may be the next one; its length: the pattern ends here. */
  readonly positions: readonly ReadonlySet<number>[]
}

/** `null` is any one step, `'**'` any number of them. */
type Step = { name: string } | null | '**'

export const REDACTED = '[redacted]'

const PATTERNS_MAX = 50
const STEPS_MAX = 64

/** `invalid-input` for a pattern that is not one: a typing error must not show what it was to hide. */
export function redactionOf(patterns: readonly string[]): Redaction {
  if (patterns.length > PATTERNS_MAX) throw refused(`There are more than ${PATTERNS_MAX} paths to redact.`)
  const parsed = patterns.map(parsePattern)
  return { patterns: parsed, positions: parsed.map((steps) => reachable(steps, [0])) }
}

export const NOTHING_REDACTED: Redaction = { patterns: [], positions: [] }

/** Whether the value here is not to be shown. */
export function isRedacted({ patterns, positions }: Redaction): boolean {
  return patterns.some((steps, at) => positions[at]?.has(steps.length))
}

/** The redaction one step further down: at a member's name or an item's index. */
export function below(redaction: Redaction, step: string | number): Redaction {
  const { patterns } = redaction
  if (patterns.length === 0) return redaction
  const name = String(step)
  const positions = patterns.map((steps, number) => {
    const next: number[] = []
    for (const at of redaction.positions[number] ?? []) {
      const wanted = steps[at]
      if (wanted === '**') next.push(at)
      else if (wanted === null || wanted?.name === name) next.push(at + 1)
    }
    return reachable(steps, next)
  })
  return { patterns, positions }
}

/** The value with everything hidden that is to be hidden. */
export function redacted(value: Json, redaction: Redaction): Json {
  if (redaction.patterns.length === 0) return value
  if (isRedacted(redaction)) return REDACTED
  if (Array.isArray(value)) return value.map((item, at) => redacted(item, below(redaction, at)))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, redacted(member, below(redaction, name))]),
  )
}

/** Adds the positions that two stars reach by standing for no step at all. */
function reachable(steps: readonly Step[], positions: readonly number[]): Set<number> {
  const all = new Set<number>()
  for (const start of positions) {
    let at = start
    all.add(at)
    while (steps[at] === '**') all.add(++at)
  }
  return all
}

function parsePattern(pattern: string): Step[] {
  const steps: Step[] = []
  const next = /\.(\*\*|\*|[\p{L}\p{N}_$-]+)|\[(?:(\*)|(\d+)|("(?:[^"\\]|\\.)*"))\]/uy
  next.lastIndex = 1
  while (pattern.startsWith('$') && next.lastIndex < pattern.length && steps.length < STEPS_MAX) {
    const found = next.exec(pattern)
    if (found === null) break
    const [, plain, star, index, quoted] = found
    if (plain === '**') steps.push('**')
    else if (plain === '*' || star !== undefined) steps.push(null)
    else steps.push({ name: plain ?? index ?? nameOf(quoted ?? '""', pattern) })
    if (next.lastIndex === pattern.length) return steps
  }
  if (pattern === '$') return steps
  throw refused(`${JSON.stringify(pattern)} is not a path such as $.secret, $.list[*].token or $.**.password.`)
}

function nameOf(quoted: string, pattern: string): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    throw refused(`${JSON.stringify(pattern)} holds a quoted name that is not JSON text.`)
  }
}

function refused(message: string): CutoverError {
  return new CutoverError('invalid-input', message)
}
