import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkRegister, type Entry } from '../simulation/linearizable.js'
import { type Event, monitorOf, type Operation, type Value } from './monitor.js'

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

  test('hears an acknowledgement that is given again, and one that differs', () => {
    const operations: Operation[] = [
      { name: 'n.p', id: 'k', act: { change: { put: 'w' }, only: null }, repeated: true },
    ]
    const monitor = monitorOf(operations, new Map([['k', 'old']]))
    const hear = (state: number, event: Event): number | { fault: string } =>
      monitor.after(state, monitor.numberOf(event))
    const begun = hear(monitor.initial, { kind: 'invoked', of: 0 }) as number
    const told = hear(begun, { kind: 'written', of: 0, told: undefined, version: 5 }) as number
    expect(hear(told, { kind: 'written', of: 0, told: undefined, version: 5 })).toBe(told)
    expect(hear(told, { kind: 'written', of: 0, told: undefined, version: 6 })).toHaveProperty('fault')
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
