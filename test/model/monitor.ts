/**
 * What clients may conclude, followed step by step along every path: the register of a record that does one operation
 * at a time. A monitor state is the set of all explanations of what was seen so far; when none is left, the history is
 * not linearizable.
 *
 * Explanations are found when an answer asks for one: then any of the operations that are open may have had their
 * moment, in any order, with the result that they met there; they keep it until they are answered themselves.
 */
export interface Monitor {
  readonly initial: number
  numberOf(event: Event): number
  /** The next state after the event of that number; a fault where there is no explanation. */
  after(state: number, event: number): number | { fault: string }
  readonly size: number
}

/** What the outside sees. `of`: which operation. */
export type Event =
  | { kind: 'invoked'; of: number }
  | { kind: 'unknown'; of: number }
  | Answer
  /** A false alarm, or an error that is none of the product's own. */
  | { kind: 'broke'; text: string }

type Answer =
  | { kind: 'read'; of: number; saw: Value; version: number }
  | { kind: 'written'; of: number; told: Value | undefined; version: number }
  /** For certain, and for ever. */
  | { kind: 'refused'; of: number }
  | { kind: 'failed'; of: number }

/** Text of the record, `null` where there is none. */
export type Value = string | null

export interface Operation {
  /** Its name to the stores. One with a dot was given by the client (an Idempotency-Key). */
  name: string
  id: string
  act: 'read' | Write
  /** Several processes try it: each is an operation of its own, but all that have this name have one effect together. */
  repeated?: boolean
  /** The clock of its instance is so many jumps of the stores' clocks ahead of them. */
  jumpsAhead?: number
}

export interface Write {
  change: { put: string } | { add: string } | 'delete'
  only: null | 'present' | 'absent' | { is: string }
}

/** One explanation: the value of each record, and which open operations have had their moment, with what result. */
interface Explanation {
  values: Value[]
  done: [of: number, result: Result][]
  /** Effects of operations that may be repeated: whoever comes later with that name meets it. */
  had: [name: string, value: Value][]
}

/** What was read or written; or that the condition did not hold. */
type Result = { value: Value } | 'refused'

interface State {
  explanations: Explanation[]
  /** Begun and neither ended for certain nor known to have failed. */
  open: number[]
  /** Names that were acknowledged, with the version that was told: every repetition is told the same. */
  told: [name: string, version: number][]
  /** Every version that was shown, with the value it names. */
  shown: [version: string, value: Value][]
}

/** `versions`: under which the initial values were shown before, by record. */
export function monitorOf(
  operations: readonly Operation[],
  initial: ReadonlyMap<string, Value>,
  versions: ReadonlyMap<string, number> = new Map(),
): Monitor {
  const unknown = operations.find(({ id }) => !initial.has(id))
  if (unknown !== undefined) throw new Error(`There is no record ${unknown.id} for ${unknown.name}.`)
  const ids = [...initial.keys()]
  const states: State[] = []
  const numbers = new Map<string, number>()
  const events: Event[] = []
  const eventNumbers = new Map<string, number>()
  const known = new Map<number, number | { fault: string }>()
  const numberOf = (state: State): number => {
    const key = JSON.stringify([state.explanations.map(textOf).sort(), state.open, state.told, state.shown])
    const number = numbers.get(key) ?? states.length
    if (number === states.length) {
      numbers.set(key, number)
      states.push(state)
    }
    return number
  }
  const step = (number: number, event: Event | undefined): number | { fault: string } => {
    const state = states[number]
    if (state === undefined || event === undefined) throw new Error(`There is no monitor state ${number}.`)
    const next = afterEvent(operations, ids, state, event)
    return 'fault' in next ? next : numberOf(next)
  }
  const shown = [...versions].map(([id, version]): State['shown'][number] => [
    `${id} ${version}`,
    initial.get(id) ?? null,
  ])
  const explanations: Explanation[] = [{ values: [...initial.values()], done: [], had: [] }]
  return {
    initial: numberOf({ explanations, open: [], told: [], shown }),
    numberOf(event) {
      const key = JSON.stringify(event)
      const number = eventNumbers.get(key) ?? events.push(event) - 1
      eventNumbers.set(key, number)
      return number
    },
    after(state, event) {
      const key = state * 2 ** 20 + event
      const found = known.get(key) ?? step(state, events[event])
      known.set(key, found)
      return found
    },
    get size() {
      return states.length
    },
  }
}

function afterEvent(
  operations: readonly Operation[],
  ids: readonly string[],
  state: State,
  event: Event,
): State | { fault: string } {
  if (event.kind === 'broke') return { fault: event.text }
  if (event.kind === 'unknown') return state
  const { of } = event
  const operation = operations[of]
  if (operation === undefined) throw new Error(`There is no operation ${of}.`)
  if (event.kind === 'invoked') return { ...state, open: [...state.open, of].sort((a, b) => a - b) }
  const before = state.told.find(([which]) => which === operation.name)
  if (before !== undefined && event.kind === 'written' && event.version !== before[1])
    return { fault: `${operation.name} was acknowledged before, and now ${describe(event)} otherwise.` }
  const fitting = explained(operations, ids, state).filter(({ done }) =>
    fits(event, done.find(([which]) => which === of)?.[1]),
  )
  if (fitting.length === 0) return { fault: `${operation.name} ${describe(event)}, which no order explains.` }
  const open = state.open.filter((which) => which !== of)
  const first = operation.repeated && event.kind === 'written' && before === undefined
  const told: State['told'] = first ? [...state.told, [operation.name, event.version]] : state.told
  const explanations = distinct(fitting.map((one) => ({ ...one, done: one.done.filter(([which]) => which !== of) })))
  const shown = shownBy(operation, event, state.shown)
  return 'fault' in shown ? shown : { explanations, open, told, shown: shown.shown }
}

function fits(event: Answer, result: Result | undefined): boolean {
  if (event.kind === 'refused') return result === 'refused'
  if (event.kind === 'failed') return result === undefined || result === 'refused'
  if (result === undefined || result === 'refused') return false
  const told = event.kind === 'read' ? event.saw : event.told
  return told === undefined || result.value === told
}

/** All that may be the case now. */
function explained(
  operations: readonly Operation[],
  ids: readonly string[],
  { explanations, open }: State,
): Explanation[] {
  const all = new Map(explanations.map((one) => [textOf(one), one]))
  for (const one of all.values()) {
    for (const of of open) {
      const operation = operations[of]
      if (operation === undefined || one.done.some(([which]) => which === of)) continue
      const next = momentOf(operation, of, ids.indexOf(operation.id), one)
      all.set(textOf(next), next)
    }
  }
  return [...all.values()]
}

/** The operation has its moment now. */
function momentOf({ act, name, repeated }: Operation, of: number, at: number, one: Explanation): Explanation {
  const { values, done, had } = one
  const value = values[at] ?? null
  const earlier = repeated ? had.find(([which]) => which === name) : undefined
  const next = earlier !== undefined ? earlier[1] : act === 'read' ? value : after(act, value)
  const result: Result = next === undefined ? 'refused' : { value: next }
  const later = { values, done: [...done, [of, result]].sort(([a], [b]) => Number(a) - Number(b)), had } as Explanation
  if (next === undefined || earlier !== undefined) return later
  const all = [...had, [name, next] as [string, Value]].sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...later, values: values.with(at, next), had: repeated ? all : had }
}

/** The value after a write that has its effect now; `undefined` where its condition does not hold. */
function after({ change, only }: Write, value: Value): Value | undefined {
  const met =
    only === null || (only === 'present' ? value !== null : only === 'absent' ? value === null : value === only.is)
  if (!met || ((change === 'delete' || 'add' in change) && value === null)) return undefined
  if (change === 'delete') return null
  return 'put' in change ? change.put : `${value}+${change.add}`
}

/** A version names one write: it is never shown with two values. */
function shownBy(
  { id, name }: Operation,
  event: Answer,
  shown: State['shown'],
): { shown: State['shown'] } | { fault: string } {
  const value = event.kind === 'read' ? event.saw : event.kind === 'written' ? event.told : undefined
  if (value === undefined || !('version' in event) || event.version === 0) return { shown }
  const version = `${id} ${event.version}`
  const before = shown.find(([which]) => which === version)
  if (before === undefined)
    return { shown: [...shown, [version, value] as [string, Value]].sort(([a], [b]) => (a < b ? -1 : 1)) }
  return before[1] === value ? { shown } : { fault: `${name}: version ${version} names ${before[1]} and ${value}.` }
}

function describe(event: Answer): string {
  if (event.kind === 'read') return `read ${event.saw}`
  return event.kind === 'written' && event.told !== undefined
    ? `was acknowledged as ${event.told}`
    : `was ${event.kind}`
}

function textOf({ values, done, had }: Explanation): string {
  return JSON.stringify([values, done, had])
}

function distinct(explanations: readonly Explanation[]): Explanation[] {
  return [...new Map(explanations.map((one) => [textOf(one), one])).values()]
}
