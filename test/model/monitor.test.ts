import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkRegister, type Entry } from '../simulation/linearizable.js'
import { type Event, monitorOf, type Operation, type Value, type Write } from './monitor.js'

/** A history of one record, step by step as the search hears of it, with answers that may be right or wrong. */
interface Told {
  operations: Operation[]
  events: Event[]
}

const texts = ['old', 'w0', 'w1', 'w2', 'w3'] as const

const operation = fc.oneof(
  { weight: 2, arbitrary: fc.constant('read' as const) },
  fc.record({
    change: fc.constantFrom('put' as const, 'add' as const, 'delete' as const),
    only: fc.constantFrom(null, 'present' as const, 'absent' as const, { is: 'old' }, { is: 'w0' }),
  }),
)

const history: fc.Arbitrary<Told> = fc
  .record({
    acts: fc.array(operation, { minLength: 1, maxLength: 4 }),
    order: fc.infiniteStream(fc.nat(1_000)),
    answers: fc.infiniteStream(fc.nat(1_000)),
  })
  .map(({ acts, order, answers }) => {
    const operations = acts.map((act, at): Operation => {
      if (act === 'read') return { name: `w${at}`, id: 'k', act }
      const change = act.change === 'delete' ? act.change : { [act.change]: `w${at}` }
      return { name: `w${at}`, id: 'k', act: { change, only: act.only } } as Operation
    })
    return { operations, events: eventsOf(operations, order, answers) }
  })

function eventsOf(operations: Operation[], order: Iterator<number>, answers: Iterator<number>): Event[] {
  const events: Event[] = []
  const waiting = operations.flatMap((_, of) => [of, of])
  const begun = new Set<number>()
  while (waiting.length > 0) {
    const [of = 0] = waiting.splice((order.next().value ?? 0) % waiting.length, 1)
    if (begun.has(of)) events.push(answer(operations[of] as Operation, of, answers))
    else events.push({ kind: 'invoked', of })
    begun.add(of)
  }
  return events
}

function answer({ act }: Operation, of: number, answers: Iterator<number>): Event {
  const drawn = (answers.next().value ?? 0) as number
  const text: Value = drawn % 7 < 5 ? (texts[drawn % 7] ?? null) : null
  if (act === 'read') return { kind: 'read', of, saw: text, version: 0 }
  const kind = (['written', 'written', 'refused', 'failed', 'unknown'] as const)[Math.floor(drawn / 7) % 5] ?? 'unknown'
  return kind === 'written' ? { kind, of, told: undefined, version: 0 } : { kind, of }
}

function accepts({ operations, events }: Told): boolean {
  const monitor = monitorOf(operations, new Map([['k', 'old']]))
  let state = monitor.initial
  for (const event of events) {
    const next = monitor.after(state, monitor.numberOf(event))
    if (typeof next !== 'number') return false
    state = next
  }
  return true
}

/** The same history, whole, for the other checker. */
function entriesOf({ operations, events }: Told): Entry[] {
  return operations.flatMap((operation, of): Entry[] => {
    const began = events.findIndex((event) => event.kind === 'invoked' && event.of === of)
    const ended = events.findIndex((event) => event.kind !== 'invoked' && 'of' in event && event.of === of)
    const event = events[ended]
    const { name, act } = operation
    if (event === undefined || event.kind === 'failed') return []
    if (act === 'read')
      return event.kind === 'read' ? [{ name, began, ended, act: { do: 'read', saw: event.saw } }] : []
    const outcome = event.kind === 'written' ? 'done' : event.kind === 'refused' ? 'refused' : null
    const of2 = { do: 'write' as const, change: act.change, condition: act.only, outcome } as const
    return [{ name, began, ended: outcome === null ? null : ended, act: of2 }]
  })
}

describe('the monitor', () => {
  test('accepts what the checker of whole histories accepts, and nothing else', () => {
    let good = 0
    fc.assert(
      fc.property(history, (told) => {
        const accepted = accepts(told)
        good += accepted ? 1 : 0
        expect(accepted).toBe(checkRegister(entriesOf(told), 'old').ok)
      }),
      { numRuns: 4_000, seed: 7 },
    )
    expect(good).toBeGreaterThan(400)
    expect(good).toBeLessThan(3_600)
  })

  /** Two processes with one named operation, each begun; what is heard then. */
  function heard(only: Write['only'], ...events: Event[]): number | { fault: string } {
    const attempt: Operation = { name: 'n.p', id: 'k', act: { change: { put: 'w' }, only }, repeated: true }
    const reader: Operation = { name: 'r', id: 'k', act: 'read' }
    const monitor = monitorOf([attempt, attempt, reader], new Map([['k', 'old']]), new Map([['k', 3]]))
    let state: number | { fault: string } = monitor.initial
    for (const event of events) if (typeof state === 'number') state = monitor.after(state, monitor.numberOf(event))
    return state
  }
  const begun = (of: number): Event => ({ kind: 'invoked', of })
  const acknowledged = (of: number, version: number): Event => ({ kind: 'written', of, told: undefined, version })

  test('hears an acknowledgement that is given again, and one that differs', () => {
    const both = [begun(0), begun(1), acknowledged(0, 5)]
    expect(heard(null, ...both, acknowledged(1, 5))).toBeTypeOf('number')
    expect(heard(null, ...both, acknowledged(1, 6))).toHaveProperty('fault')
  })

  test('hears a refusal of what was acknowledged before it was tried again', () => {
    const refused: Event = { kind: 'refused', of: 1 }
    const old = { is: 'old' }
    expect(heard(old, begun(0), acknowledged(0, 5), begun(1), refused)).toHaveProperty('fault')
    expect(heard(old, begun(0), begun(1), acknowledged(0, 5), acknowledged(1, 5))).toBeTypeOf('number')
    expect(heard('absent', begun(0), begun(1), refused, { kind: 'refused', of: 0 })).toBeTypeOf('number')
  })

  test('hears an effect after every try has failed, and a second one', () => {
    const failed = (of: number): Event => ({ kind: 'failed', of })
    const saw = (text: Value): Event => ({ kind: 'read', of: 2, saw: text, version: 0 })
    expect(heard(null, begun(0), begun(1), failed(0), failed(1), begun(2), saw('w'))).toHaveProperty('fault')
    expect(heard(null, begun(0), begun(1), failed(0), begun(2), saw('w'))).toBeTypeOf('number')
    expect(heard(null, begun(0), acknowledged(0, 5), begun(1), begun(2), saw('old'))).toHaveProperty('fault')
  })

  test('takes no version of before for another value', () => {
    expect(heard(null, begun(0), { kind: 'written', of: 0, told: 'w', version: 3 })).toHaveProperty('fault')
  })

  test('takes no version for two values', () => {
    const operations: Operation[] = [
      { name: 'w', id: 'k', act: { change: { put: 'w' }, only: null } },
      { name: 'r', id: 'k', act: 'read' },
    ]
    const monitor = monitorOf(operations, new Map([['k', 'old']]))
    const events: Event[] = [
      { kind: 'invoked', of: 1 },
      { kind: 'invoked', of: 0 },
      { kind: 'written', of: 0, told: 'w', version: 5 },
      { kind: 'read', of: 1, saw: 'old', version: 5 },
    ]
    let state: number | { fault: string } = monitor.initial
    for (const event of events) if (typeof state === 'number') state = monitor.after(state, monitor.numberOf(event))
    expect(state).toHaveProperty('fault')
  })
})
