import { describe, expect, test } from 'vitest'
import { type Act, added, checkRegister, type Entry, type State } from './linearizable.js'

type Told = [name: string, began: number, ended: number | null, act: Act]

const ok = (...told: Told[]) => verdict(told).ok
const verdict = (told: Told[], initial: State = null) =>
  checkRegister(
    told.map(([name, began, ended, act]): Entry => ({ name, began, ended, act })),
    initial,
  )
const reads = (saw: State): Act => ({ do: 'read', saw })
const put = (value: string, outcome: 'done' | null = 'done'): Act => ({
  do: 'write',
  change: { put: value },
  condition: null,
  outcome,
})
const remove = (outcome: 'done' | 'refused' | null = 'done'): Act => ({
  do: 'write',
  change: 'delete',
  condition: null,
  outcome,
})
const add = (name: string, result?: string): Act => ({
  do: 'write',
  change: { add: name },
  condition: null,
  outcome: 'done',
  ...(result === undefined ? {} : { result }),
})
const replace = (is: string, value: string, outcome: 'done' | 'refused' | null): Act => ({
  do: 'write',
  change: { put: value },
  condition: { is },
  outcome,
})
const create = (value: string, outcome: 'done' | 'refused'): Act => ({
  do: 'write',
  change: { put: value },
  condition: 'absent',
  outcome,
})

describe('good histories', () => {
  test('operations one after the other', () => {
    expect(ok(['w', 1, 2, put('x')], ['r', 3, 4, reads('x')], ['d', 5, 6, remove()], ['r2', 7, 8, reads(null)])).toBe(
      true,
    )
    expect(ok()).toBe(true)
  })

  test('a read beside a write sees it or does not', () => {
    expect(ok(['w', 1, 4, put('x')], ['r', 2, 3, reads('x')])).toBe(true)
    expect(ok(['w', 1, 4, put('x')], ['r', 2, 3, reads(null)])).toBe(true)
  })

  test('two writes at once come in either order', () => {
    expect(ok(['x', 1, 4, put('x')], ['y', 2, 3, put('y')], ['r', 5, 6, reads('x')])).toBe(true)
    expect(ok(['x', 1, 4, put('x')], ['y', 2, 3, put('y')], ['r', 5, 6, reads('y')])).toBe(true)
  })

  test('a write of unknown outcome takes effect late, or never', () => {
    const unknown: Told = ['w', 1, null, put('x', null)]
    expect(ok(unknown, ['r', 2, 3, reads(null)], ['r2', 4, 5, reads('x')])).toBe(true)
    expect(ok(unknown, ['r', 2, 3, reads(null)])).toBe(true)
    expect(ok(unknown, ['y', 2, 3, put('y')], ['r', 4, 5, reads('x')])).toBe(true)
  })

  test('an addition tells what it was added to', () => {
    expect(ok(['w', 1, 2, put('x')], ['a', 3, 6, add('a', 'x+a')], ['b', 4, 5, add('b', 'x+a+b')])).toBe(true)
    expect(added('x', 'a')).toBe('x+a')
  })

  test('conditions that held, and refusals of those that did not', () => {
    expect(
      ok(
        ['c', 1, 2, create('x', 'done')],
        ['c2', 3, 4, create('y', 'refused')],
        ['m', 5, 6, replace('x', 'z', 'done')],
        ['m2', 7, 8, replace('x', 'v', 'refused')],
        ['d', 9, 10, remove()],
        ['d2', 11, 12, remove('refused')],
      ),
    ).toBe(true)
  })
})

describe('bad histories', () => {
  test('a stale read', () => {
    expect(ok(['w', 1, 2, put('x')], ['v', 3, 4, put('y')], ['r', 5, 6, reads('x')])).toBe(false)
    expect(ok(['w', 1, 2, put('x')], ['r', 3, 4, reads(null)])).toBe(false)
  })

  test('a value seen, then not seen', () => {
    expect(ok(['w', 1, null, put('x', null)], ['r', 2, 3, reads('x')], ['r2', 4, 5, reads(null)])).toBe(false)
    expect(ok(['w', 1, 8, put('x')], ['r', 2, 3, reads('x')], ['r2', 4, 5, reads(null)])).toBe(false)
  })

  test('a lost write, and one that takes effect twice', () => {
    expect(ok(['w', 1, 2, put('x')], ['a', 3, 4, add('a')], ['r', 5, 6, reads('x')])).toBe(false)
    expect(ok(['w', 1, 2, put('x')], ['v', 3, 4, put('y')], ['r', 5, 6, reads('y')], ['r2', 7, 8, reads('x')])).toBe(
      false,
    )
    const twice: Told = ['w', 1, null, put('x', null)]
    expect(ok(twice, ['r', 2, 3, reads('x')], ['v', 4, 5, put('y')], ['r2', 6, 7, reads('x')])).toBe(false)
  })

  test('a write that was refused, and is seen', () => {
    expect(ok(['w', 1, 2, put('x')], ['c', 3, 4, create('y', 'refused')], ['r', 5, 6, reads('y')])).toBe(false)
  })

  test('a refusal that nothing explains', () => {
    expect(ok(['c', 1, 2, create('x', 'refused')])).toBe(false)
    expect(ok(['w', 1, 2, put('x')], ['m', 3, 4, replace('x', 'y', 'refused')])).toBe(false)
  })

  test('a condition that did not hold, and succeeded', () => {
    expect(ok(['w', 1, 2, put('x')], ['c', 3, 4, create('y', 'done')])).toBe(false)
    expect(ok(['w', 1, 2, put('x')], ['v', 3, 4, put('y')], ['m', 5, 6, replace('x', 'z', 'done')])).toBe(false)
  })

  test('a lost update: two additions to one value', () => {
    expect(ok(['w', 1, 2, put('x')], ['a', 3, 6, add('a', 'x+a')], ['b', 4, 5, add('b', 'x+b')])).toBe(false)
  })

  test('a record that comes back after it was deleted', () => {
    expect(ok(['w', 1, 2, put('x')], ['d', 3, 4, remove()], ['r', 5, 6, reads('x')])).toBe(false)
  })

  test('an effect before its cause', () => {
    expect(ok(['r', 1, 2, reads('x')], ['w', 3, 4, put('x')])).toBe(false)
  })

  test('what could not be explained is named', () => {
    const { explained, left } = verdict([
      ['w', 1, 2, put('x')],
      ['r', 3, 4, reads('y')],
    ])
    expect(explained).toEqual(['w'])
    expect(left).toEqual(['r'])
  })
})

describe('histories that others made known', () => {
  const [x, y, z] = [put('x'), put('y'), put('z')]

  test('Herlihy and Wing: a register may order writes that overlap, not what it has shown', () => {
    const writes: Told[] = [
      ['A writes x', 1, 2, x],
      ['B writes y', 3, 9, y],
    ]
    expect(ok(...writes, ['A reads', 4, 5, reads('y')], ['C reads', 6, 7, reads('y')])).toBe(true)
    expect(ok(...writes, ['A reads', 4, 5, reads('x')], ['C reads', 6, 7, reads('y')])).toBe(true)
    expect(ok(...writes, ['A reads', 4, 5, reads('y')], ['C reads', 6, 7, reads('x')])).toBe(false)
  })

  test('two readers that see two writes in different orders', () => {
    const writes: Told[] = [
      ['x', 1, 20, x],
      ['y', 2, 21, y],
    ]
    const one: Told[] = [
      ['r1', 3, 4, reads('x')],
      ['r2', 7, 8, reads('y')],
    ]
    expect(ok(...writes, ...one, ['s1', 5, 6, reads('x')], ['s2', 9, 10, reads('y')])).toBe(true)
    expect(ok(...writes, ...one, ['s1', 5, 6, reads('y')], ['s2', 9, 10, reads('x')])).toBe(false)
  })

  test('sequentially consistent, and not linearizable: a write that its own process alone has seen', () => {
    expect(ok(['A', 1, 2, x], ['A reads', 3, 4, reads('x')], ['B reads', 5, 6, reads(null)])).toBe(false)
  })

  test('compare-and-swap: of two from one value one is refused', () => {
    const both = (second: 'done' | 'refused'): boolean =>
      ok(['x', 1, 2, x], ['c', 3, 6, replace('x', 'y', 'done')], ['d', 4, 7, replace('x', 'z', second)])
    expect(both('refused')).toBe(true)
    expect(both('done')).toBe(false)
  })

  test('a refusal before the write that it is due to', () => {
    expect(ok(['x', 1, 2, x], ['c', 3, 4, replace('x', 'z', 'refused')], ['y', 5, 6, y])).toBe(false)
    expect(ok(['x', 1, 2, x], ['c', 3, 6, replace('x', 'z', 'refused')], ['y', 4, 5, y])).toBe(true)
  })

  test('a write of unknown outcome cannot come before it was sent', () => {
    expect(ok(['r', 1, 2, reads('x')], ['w', 3, null, put('x', null)])).toBe(false)
  })

  test('a write that was sent again takes effect once, whenever that is', () => {
    const sent: Told = ['w', 1, 4, x]
    expect(ok(sent, ['y', 2, 3, y], ['r', 5, 6, reads('x')])).toBe(true)
    expect(ok(sent, ['y', 5, 6, y], ['r', 7, 8, reads('y')])).toBe(true)
    expect(ok(sent, ['y', 5, 6, y], ['r', 7, 8, reads('y')], ['r2', 9, 10, reads('x')])).toBe(false)
    expect(ok(sent, ['a', 5, 6, add('a', 'x+a')], ['r', 7, 8, reads('x+a+a')])).toBe(false)
  })

  test('a deleted record that an old copy brings back, with a write of unknown outcome and without', () => {
    const deleted: Told[] = [
      ['x', 1, 2, x],
      ['d', 3, 4, remove()],
    ]
    expect(ok(...deleted, ['r', 5, 6, reads(null)], ['r2', 7, 8, reads('x')])).toBe(false)
    expect(ok(...deleted, ['u', 1, null, put('u', null)], ['r', 5, 6, reads('u')])).toBe(true)
    expect(ok(...deleted, ['d2', 5, 6, remove()])).toBe(false)
    expect(ok(...deleted, ['d2', 5, 6, remove('refused')])).toBe(true)
  })

  test('a deletion of unknown outcome explains one absence, not two', () => {
    const lost: Told = ['d', 1, null, remove(null)]
    expect(ok(['x', 2, 3, x], lost, ['r', 4, 5, reads(null)])).toBe(true)
    expect(ok(['x', 2, 3, x], lost, ['r', 4, 5, reads(null)], ['y', 6, 7, y], ['r2', 8, 9, reads(null)])).toBe(false)
  })

  test('of two that would explain an absence the one is spent that nothing else needs', () => {
    const any: Told = ['any', 1, null, remove(null)]
    const only: Told = ['only', 2, null, { do: 'write', change: 'delete', condition: { is: 'x' }, outcome: null }]
    const seen: Told[] = [
      ['x', 3, 4, x],
      ['r', 5, 6, reads(null)],
      ['y', 7, 8, y],
      ['r2', 9, 10, reads(null)],
    ]
    expect(ok(any, only, ...seen)).toBe(true)
    expect(ok(any, only, ...seen, ['z', 11, 12, z], ['r3', 13, 14, reads(null)])).toBe(false)
  })

  test('of two deletions alike the one that ends first comes first', () => {
    const both: Told[] = [
      ['x', 1, 2, x],
      ['long', 3, 20, remove()],
      ['short', 4, 5, remove()],
      ['y', 6, 7, y],
    ]
    expect(ok(...both, ['r', 8, 9, reads(null)])).toBe(true)
    expect(ok(...both, ['r', 8, 9, reads('y')])).toBe(true)
    expect(ok(...both, ['r', 21, 22, reads('y')])).toBe(false)
  })

  test('both of two unknown additions show, in one order only', () => {
    const unknown = (name: string): Act => ({ do: 'write', change: { add: name }, condition: null, outcome: null })
    const both: Told[] = [
      ['x', 1, 2, x],
      ['a', 3, null, unknown('a')],
      ['b', 4, null, unknown('b')],
    ]
    expect(ok(...both, ['r', 5, 6, reads('x+b')], ['r2', 7, 8, reads('x+b+a')])).toBe(true)
    expect(ok(...both, ['r', 5, 6, reads('x+b')], ['r2', 7, 8, reads('x+a+b')])).toBe(false)
  })
})

describe('the work is bounded', () => {
  test('many writes of unknown outcome are judged in few steps', () => {
    const unknown = Array.from({ length: 24 }, (_, at): Told => [`u${at}`, at + 1, null, put(`u${at}`, null)])
    const seen = Array.from({ length: 8 }, (_, at): Told => [`r${at}`, 100 + 2 * at, 101 + 2 * at, reads(`u${at * 3}`)])
    expect(verdict([...unknown, ...seen])).toMatchObject({ ok: true })
    expect(verdict([...unknown, ...seen, ['last', 200, 201, reads('u0')]])).toMatchObject({
      ok: false,
      undecided: false,
    })
    expect(verdict([...unknown, ...seen, ['last', 200, 201, reads('u0')]]).steps).toBeLessThan(5_000)
  })

  test('many writes at once, of which nobody saw the order, are judged in few steps', () => {
    const writes = Array.from({ length: 30 }, (_, at): Told => [`w${at}`, at + 1, 200, put(`w${at}`)])
    const { undecided, steps } = verdict([...writes, ['r', 201, 202, reads('nobody')]])
    expect(undecided).toBe(false)
    expect(steps).toBeLessThan(5_000)
  })

  test('a history that is too ambiguous is given up, and named as that', () => {
    const rounds = Array.from({ length: 18 }, (_, at): Told[] => [
      [`any${at}`, 2 * at + 1, null, remove(null)],
      [`only${at}`, 2 * at + 2, null, { do: 'write', change: 'delete', condition: { is: `w${at}` }, outcome: null }],
      [`w${at}`, 100 + 4 * at, 101 + 4 * at, put(`w${at}`)],
      [`r${at}`, 102 + 4 * at, 103 + 4 * at, reads(null)],
    ]).flat()
    const given = verdict([...rounds, ['last', 500, 501, reads('nobody')]])
    expect(given).toMatchObject({ ok: false, undecided: true })
  })
})
