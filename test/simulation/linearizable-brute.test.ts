import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Act, type Change, checkRegister, type Entry, type Only, type State } from './linearizable.js'
import { isRegisterByForce, registerAfter } from './linearizable-brute.js'
import { type Random, randomOf } from './random.js'

/**
 * Small histories of every kind, judged by the checker and by force. Random answers are rarely explicable, so most
 * histories are told by a register that a hidden order gives the operations to, and some of those are then spoilt.
 */
const HISTORIES = 15_000
const OPERATIONS_MAX = 7

describe('the checker and every order of the operations', () => {
  test('agree on histories that a register told, and on those in which one answer was changed', () => {
    const told = { good: 0, bad: 0, unknown: 0, refused: 0, conditional: 0, deletions: 0, additions: 0 }
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomOf(seed)
        const entries = historyOf(random)
        const honest = isRegisterByForce(entries, null)
        if (!honest) throw new Error(`A register told what no register can tell:\n${show(entries)}`)
        const spoilt = random.chance(0.6) ? spoil(random, entries) : entries
        const expected = isRegisterByForce(spoilt, null)
        told[expected ? 'good' : 'bad'] += 1
        for (const { act, ended } of spoilt) {
          if (act.do === 'read') continue
          if (ended === null) told.unknown += 1
          if (act.outcome === 'refused') told.refused += 1
          if (act.condition !== null) told.conditional += 1
          if (act.change === 'delete') told.deletions += 1
          else if ('add' in act.change) told.additions += 1
        }
        const { ok, undecided } = checkRegister(spoilt, null)
        if (undecided || ok !== expected)
          throw new Error(`By force it is ${expected}, by the checker ${ok}:\n${show(spoilt)}`)
      }),
      { numRuns: HISTORIES, seed: 20_260_101 },
    )
    for (const count of Object.values(told)) expect(count).toBeGreaterThan(HISTORIES / 10)
  })

  test('agree on answers made up at random', () => {
    let good = 0
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const random = randomOf(seed)
      const entries = Array.from({ length: random.below(5, 1) }, (_, at) => entryOf(random, `o${at}`))
      for (const entry of entries) entry.act = answered(random, entry, anyState(random, entries))
      const expected = isRegisterByForce(entries, null)
      if (expected) good += 1
      if (checkRegister(entries, null).ok !== expected) throw new Error(`Seed ${seed}:\n${show(entries)}`)
    }
    expect(good).toBeGreaterThan(HISTORIES / 50)
  })
})

/** Operations with their times, then a hidden order that respects them, in which a register answers. */
function historyOf(random: Random): Entry[] {
  const entries = Array.from({ length: random.below(OPERATIONS_MAX + 1, 1) }, (_, at) => entryOf(random, `o${at}`))
  const waiting = new Set(entries)
  let state: State = null
  while (waiting.size > 0) {
    const free = [...waiting].filter((one) => [...waiting].every(({ ended }) => ended === null || ended > one.began))
    const next = random.pick(free)
    waiting.delete(next)
    // One of unknown outcome may never happen.
    if (next.ended === null && random.chance(0.4)) continue
    next.act = answered(random, next, state)
    const after = registerAfter(next.act, state)
    if (after !== 'impossible') state = after.state
  }
  return entries
}

function entryOf(random: Random, name: string): Entry {
  const began = random.below(40) + random.next()
  const unknown = random.chance(0.25)
  if (!unknown && random.chance(0.35))
    return { name, began, ended: began + random.next() * 20, act: { do: 'read', saw: null } }
  const change: Change = random.pick([{ put: name }, { put: name }, { add: name }, 'delete' as const])
  const others: Only[] = ['present', 'never', { is: `o${random.below(OPERATIONS_MAX)}` }, { is: `o0+o1` }]
  const condition = random.chance(0.5)
    ? null
    : random.pick<Only>(typeof change === 'object' ? [...others, 'absent'] : others)
  const ended = unknown ? null : began + random.next() * 20
  return { name, began, ended, act: { do: 'write', change, condition, outcome: null } }
}

/** What a register in this state answers; a condition on a value is sometimes made to be one on the value there is. */
function answered(random: Random, { act, ended }: Entry, state: State): Act {
  if (act.do === 'read') return { do: 'read', saw: state }
  const aimed = typeof act.condition === 'object' && act.condition !== null && state !== null && random.chance(0.5)
  const write: Act = aimed ? { ...act, condition: { is: state } } : act
  if (ended === null) return write
  const done = registerAfter({ ...write, outcome: 'done' }, state)
  if (done === 'impossible') return { ...write, outcome: 'refused' }
  return random.chance(0.5) ? { ...write, outcome: 'done', result: done.state } : { ...write, outcome: 'done' }
}

/** One answer changed, or one operation moved in time. */
function spoil(random: Random, entries: readonly Entry[]): Entry[] {
  const chosen = random.below(entries.length)
  return entries.map((entry, at) => {
    if (at !== chosen) return entry
    const { act, began } = entry
    if (random.chance(0.3))
      return { ...entry, began: began + 30, ended: entry.ended === null ? null : entry.ended + 30 }
    if (act.do === 'read') return { ...entry, act: { do: 'read', saw: anyState(random, entries) } }
    if (act.outcome === 'refused') return { ...entry, act: { ...act, outcome: 'done' } }
    if (act.outcome === null) return { ...entry, ended: began + 10, act: { ...act, outcome: 'done' } }
    if (random.chance(0.5)) return { ...entry, act: { ...act, result: anyState(random, entries) } }
    const { result: _, ...rest } = act
    return { ...entry, act: { ...rest, outcome: 'refused' } }
  })
}

/** A value that some history of these operations may show. */
function anyState(random: Random, entries: readonly Entry[]): State {
  const puts = entries.map(({ name }) => name)
  return random.pick([null, random.pick(puts), `${random.pick(puts)}+${random.pick(puts)}`])
}

function show(entries: readonly Entry[]): string {
  return entries.map((entry) => JSON.stringify(entry)).join('\n')
}
