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

test('many writes of unknown outcome are judged in time', () => {
  const unknown = Array.from({ length: 24 }, (_, at): Told => [`u${at}`, at + 1, null, put(`u${at}`, null)])
  const seen = Array.from({ length: 8 }, (_, at): Told => [`r${at}`, 100 + 2 * at, 101 + 2 * at, reads(`u${at * 3}`)])
  expect(ok(...unknown, ...seen)).toBe(true)
  expect(ok(...unknown, ...seen, ['last', 200, 201, reads('u0')])).toBe(false)
})
