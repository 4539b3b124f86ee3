/**
 * Whether one record's history can be explained by a register that does one operation at a time (Wing and Gong's
 * search with Lowe's memory of configurations seen). The state of the register is the text of its value, or `null`.
 *
 * Values are unique to the write that made them, so a condition on a version is one on the value seen with it.
 */
export interface Entry {
  name: string
  /** Moments, from one counter. `null`: the outcome is not known, the effect may come at any time, or never. */
  began: number
  ended: number | null
  act: Act
}

export type Act =
  | { do: 'read'; saw: State }
  /** `outcome: null`: not known. `result`: the value that the answer told, if it told one. */
  | { do: 'write'; change: Change; condition: Only | null; outcome: 'done' | 'refused' | null; result?: State }

export type State = string | null

/** `put` a value, `add` to the value that is there (refused where there is none), `delete` it (likewise). */
export type Change = { put: string } | { add: string } | 'delete'

/** What must be there. `never` holds of nothing: an ETag that no version has. */
export type Only = { is: string } | 'present' | 'absent' | 'never'

export interface Verdict {
  ok: boolean
  /** The search was given up: the history may be explicable or not. Then `ok` is false. */
  undecided: boolean
  /** Configurations looked at. */
  steps: number
  /** Where the search got furthest: what was explained, in order, and what could not be. */
  explained: string[]
  left: string[]
}

export function checkRegister(entries: readonly Entry[], initial: State): Verdict {
  // Those of unknown outcome last: an explanation that needs fewer of them is found first.
  const endOf = ({ ended }: Entry): number => ended ?? Number.MAX_VALUE
  const inOrder = [...entries].sort((a, b) => endOf(a) - endOf(b) || a.began - b.began)
  const search: Search = { entries: inOrder, observed: observedIn(inOrder), failed: new Map(), best: [], steps: 0 }
  const ok = explain(search, new Set(), initial, [])
  const undecided = search.steps >= STEPS_MAX
  const explained = search.best.map((at) => nameOf(inOrder, at))
  const left = inOrder.filter((entry, at) => entry.ended !== null && !search.best.includes(at)).map(({ name }) => name)
  return { ok, undecided: undecided && !ok, steps: search.steps, explained, left: ok ? [] : left }
}

export function added(value: string, name: string): string {
  return `${value}+${name}`
}

interface Search {
  entries: readonly Entry[]
  /** Every value that anybody saw, was told or asked for. */
  observed: readonly string[]
  /**
   * Configurations that lead nowhere: which ended operations are done, and the state; with the sets of operations of
   * unknown outcome that were spent on the way. Where one set leads nowhere, every larger one does.
   */
  failed: Map<string, bigint[]>
  best: number[]
  steps: number
}

/**
 * Where the search is given up, after some seconds: the history has too many operations of unknown outcome. What
 * comparing with configurations seen before costs counts too.
 */
const STEPS_MAX = 100_000
const COMPARISONS_A_STEP = 100

function explain(search: Search, before: ReadonlySet<number>, state: State, path: readonly number[]): boolean {
  const { entries } = search
  if (search.steps >= STEPS_MAX) return false
  search.steps += 1
  const taken = new Set(before)
  const order = [...path]
  // What changes nothing and fits now may as well come now: no other order gains from its waiting.
  for (let again = true; again; ) {
    again = false
    for (const at of candidates(entries, taken)) {
      const entry = entries[at]
      if (entry === undefined || entry.ended === null || !fitsIdly(entry.act, state)) continue
      taken.add(at)
      order.push(at)
      again = true
    }
  }
  if (order.length > search.best.length) search.best = order
  if (entries.every((entry, at) => entry.ended === null || taken.has(at))) return true
  let done = 0n
  let spent = 0n
  for (const at of taken) {
    if (entries[at]?.ended === null) spent |= 1n << BigInt(at)
    else done |= 1n << BigInt(at)
  }
  const key = `${done.toString(36)}|${state}`
  const failed = search.failed.get(key) ?? []
  search.steps += Math.floor(failed.length / COMPARISONS_A_STEP)
  if (failed.some((set) => (set & spent) === set)) return false
  search.failed.set(key, [...failed.filter((set) => (set & spent) !== spent), spent])
  const tried = new Set<string>()
  for (const at of candidates(entries, taken)) {
    const entry = entries[at]
    const effect = entry === undefined ? undefined : effectOf(entry.act, state)
    if (entry === undefined || effect === undefined) continue
    const next = plain(search, effect)
    if (entry.ended === null && next === state) continue // spent for nothing
    const kind = kindOf(entry, next, at)
    if (tried.has(kind)) continue
    tried.add(kind)
    if (explain(search, new Set(taken).add(at), next, [...order, at])) return true
  }
  return false
}

/** Values that nobody ever saw, and that lead to none that was seen, are all the same. */
function plain({ observed }: Search, state: State): State {
  return state === null || observed.some((text) => text === state || text.startsWith(`${state}+`)) ? state : '?'
}

function observedIn(entries: readonly Entry[]): string[] {
  const texts = entries.flatMap(({ act }): State[] => {
    if (act.do === 'read') return [act.saw]
    return [act.result ?? null, typeof act.condition === 'object' ? (act.condition?.is ?? null) : null]
  })
  return [...new Set(texts)].filter((text) => text !== null)
}

/**
 * Writes of one kind, to the same end, are alike, but for additions: what they make depends on where they come. Of those
 * of unknown outcome any is as good. Of the others the one that ended first is: whoever comes later in its place has
 * ended later, so whatever may come between them still may.
 */
function kindOf({ act, ended }: Entry, next: State, at: number): string {
  if (act.do === 'read' || (typeof act.change === 'object' && 'add' in act.change)) return String(at)
  return JSON.stringify([ended === null, act.condition, act.change === 'delete', next])
}

/** Those that may come next: begun before the first of the others ended. */
function candidates(entries: readonly Entry[], done: ReadonlySet<number>): number[] {
  let horizon = Number.POSITIVE_INFINITY
  entries.forEach((entry, at) => {
    if (entry.ended !== null && !done.has(at)) horizon = Math.min(horizon, entry.ended)
  })
  return entries.flatMap((entry, at) => (!done.has(at) && entry.began < horizon ? [at] : []))
}

function fitsIdly(act: Act, state: State): boolean {
  if (act.do === 'read') return act.saw === state
  return act.outcome === 'refused' && valueAfter(act, state) === undefined
}

/** The state after a write that has its effect now; `undefined` where it cannot. */
function effectOf(act: Act, state: State): State | undefined {
  if (act.do === 'read' || act.outcome === 'refused') return undefined
  const value = valueAfter(act, state)
  if (value === undefined || (act.result !== undefined && act.result !== value)) return undefined
  return value
}

function valueAfter({ change, condition }: Extract<Act, { do: 'write' }>, state: State): State | undefined {
  if (!holds(condition, state, change)) return undefined
  if (change === 'delete') return null
  return 'put' in change ? change.put : added(state ?? '', change.add)
}

function holds(condition: Only | null, state: State, change: Change): boolean {
  const needsOne = change === 'delete' || 'add' in change
  if (needsOne && state === null) return false
  if (condition === null) return true
  if (condition === 'present') return state !== null
  if (condition === 'absent') return state === null
  return condition !== 'never' && state === condition.is
}

function nameOf(entries: readonly Entry[], at: number): string {
  return entries[at]?.name ?? ''
}
