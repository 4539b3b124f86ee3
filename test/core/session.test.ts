import { describe, expect, it } from 'vitest'
import { encodeSession, leastFor, NEW_SESSION, parseSession, seenBy, versionTold } from '../../lib/core/session.js'

const of = (id: string, version: number | null, epoch = 1, collection = 'projects') => ({
  collection,
  id,
  epoch,
  version,
})

describe('a session', () => {
  it('is the same after it has been carried as text', () => {
    const session = seenBy(NEW_SESSION, [of('a', 2 ** 52), of('b', 1), of('c', 7, 9, 'resources')])
    const text = encodeSession(session)
    expect(text).toMatch(/^[0-9a-z;.,]+$/)
    expect(encodeSession(parseSession(text))).toBe(text)
    expect(leastFor(parseSession(text), 'projects', 'a')).toEqual({ version: 2 ** 52, epoch: 1 })
    expect(leastFor(parseSession(text), 'resources', 'z')).toEqual({ version: 0, epoch: 9 })
    expect(parseSession('new')).toEqual(NEW_SESSION)
  })

  it('never asks for less than was seen, however many records there were, and stays short', () => {
    let session = NEW_SESSION
    const seen = new Map<string, number>()
    for (let n = 0; n < 2_000; n++) {
      const [id, version] = [`r${(n * 7) % 500}`, n * 13 + 1]
      session = parseSession(encodeSession(seenBy(session, [of(id, version)])))
      seen.set(id, version)
    }
    for (const [id, version] of seen) expect(leastFor(session, 'projects', id).version).toBeGreaterThanOrEqual(version)
    expect(encodeSession(session).length).toBeLessThan(600)
  })

  it('of two that were carried apart asks for what either has seen', () => {
    const old = seenBy(NEW_SESSION, [of('a', 5)])
    let far = seenBy(old, [of('a', 10)])
    for (let n = 0; n < 60; n++) far = seenBy(far, [of(`other${n}`, 2)])
    const both = parseSession(`${encodeSession(far)} ${encodeSession(old)}`)
    const again = parseSession(`${encodeSession(old)} ${encodeSession(far)}`)
    for (const session of [both, again]) expect(leastFor(session, 'projects', 'a').version).toBeGreaterThanOrEqual(10)
  })

  it('uses nothing that is kept once answers have no versions, or there are too many collections to tell apart', () => {
    const ended = seenBy(NEW_SESSION, [of('a', null)])
    expect(leastFor(ended, 'projects', 'b').epoch).toBe(Number.MAX_SAFE_INTEGER)
    let many = NEW_SESSION
    for (let n = 0; n < 60; n++) many = seenBy(many, [of('a', 1, 1, `c${n}`)])
    for (let n = 0; n < 60; n++) {
      const { version, epoch } = leastFor(many, `c${n}`, 'zz')
      expect(Math.max(version, epoch)).toBeGreaterThan(0)
    }
  })

  it.each([
    '',
    '2;0;;',
    '1;0;',
    '1;;;',
    '1;0;a.b.c;',
    '1;zzzzzzzzzzzz;;',
    '1;0;;A.1',
    `1;0;;${'a.1,'.repeat(900)}a.1`,
    'x',
  ])('that is malformed is refused: %#', (text) => {
    expect(() => parseSession(text)).toThrow(/Cutover-Session/)
  })

  it('reads versions from ETags of records and deletions alone', () => {
    expect(['12', 'deleted-12', '', 'da39a3ee5e6b4b0d3255bfef95601890afd80709', '0', 'W'].map(versionTold)).toEqual([
      ...[12, 12],
      ...[null, null, null, null],
    ])
  })
})
