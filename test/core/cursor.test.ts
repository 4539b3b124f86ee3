import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCursor, encodeCursor } from '../../lib/core/cursor.js'
import { faultOfId } from '../../lib/core/id.js'

const ids = fc.string({ unit: 'grapheme', minLength: 1 }).filter((id) => faultOfId(id) === null)
const refused = expect.objectContaining({ code: 'invalid-input' })

describe('a cursor', () => {
  it('gives back the id, and needs no escaping in a URL', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const cursor = encodeCursor('projects', id)
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/)
        expect(decodeCursor('projects', cursor)).toBe(id)
      }),
    )
  })

  it('of another collection is refused', () => {
    const cursor = encodeCursor('projects', 'a')
    expect(() => decodeCursor('resources', cursor)).toThrow(refused)
  })

  it('with any character changed, added or lost is refused', () => {
    const alphabet = 'ABCXYZabcxyz0189-_=+/ é'
    fc.assert(
      fc.property(ids, fc.nat(), fc.constantFrom('', ...alphabet), fc.boolean(), (id, where, char, insert) => {
        const cursor = encodeCursor('projects', id)
        const at = where % (cursor.length + 1)
        const damaged = cursor.slice(0, at) + char + cursor.slice(insert ? at : at + 1)
        fc.pre(damaged !== cursor)
        expect(() => decodeCursor('projects', damaged)).toThrow(refused)
      }),
      { numRuns: 500 },
    )
  })

  it.each(['', 'a', '%', 'bnVsbA', btoa('[1,"projects",7]'), btoa('[1,"projects","a"]'), 'A'.repeat(10_000)])(
    'is not %j',
    (text) => expect(() => decodeCursor('projects', text)).toThrow(refused),
  )
})
