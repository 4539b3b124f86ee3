import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROLES } from '../../lib/commands/command.js'
import {
  ABSOLUTE_MS,
  expiryOf,
  IDLE_MS,
  openSession,
  type Session,
  sealSession,
  sessionKeys,
} from '../../lib/http/session-cookie.js'

const TOKENS = { viewer: 'viewer-token-of-tests', operator: 'operator-token-of-tests', admin: 'admin-token-of-tests' }
const keys = sessionKeys(TOKENS)
const NOW = 1_800_000_000_000
const MINUTE = 60_000

function begun(change: Partial<Session> = {}): Session {
  const begunAt = change.begunAt ?? NOW
  return { role: 'operator', ownName: 'Ann', begunAt, expiresAt: expiryOf(begunAt, NOW), nonce: 'n-1', ...change }
}

async function sealed(session: Session, of = keys): Promise<string> {
  const key = await of(session.role)
  if (key === null) throw new Error('The role has no token.')
  return sealSession(key, session)
}

const open = (text: string, now = NOW, of = keys) => openSession(of, text, now)

describe('a session', () => {
  it.each(ROLES.flatMap((role) => ['', 'Ann', 'Jürgen 2', 'ひろ@ops'].map((ownName) => [role, ownName] as const)))(
    'of the role %s and the name %j is read as it was written',
    async (role, ownName) => {
      const session = begun({ role, ownName })
      expect(await open(await sealed(session))).toStrictEqual(session)
    },
  )

  it('can be a cookie’s value as it is, and holds nothing of a token', async () => {
    const text = await sealed(begun({ ownName: '@'.repeat(64) }))
    expect(text).toMatch(/^[\w.-]{1,1024}$/)
    for (const token of Object.values(TOKENS)) {
      expect(text).not.toContain(token)
      expect(text).not.toContain(Buffer.from(token).toString('base64url').slice(0, 16))
    }
  })

  it('of the longest name that there can be is read', async () => {
    const session = begun({ ownName: '\u{20000}'.repeat(64) })
    expect(await open(await sealed(session))).toStrictEqual(session)
  })

  it('lives until it is idle for too long, and not a millisecond longer', async () => {
    const text = await sealed(begun())
    expect(await open(text, NOW + IDLE_MS - 1)).not.toBeNull()
    expect(await open(text, NOW + IDLE_MS)).toBeNull()
  })

  it('lives no longer than the absolute limit, whatever was signed', async () => {
    expect(expiryOf(NOW, NOW + ABSOLUTE_MS - MINUTE)).toBe(NOW + ABSOLUTE_MS)
    const begunAt = NOW - ABSOLUTE_MS - 2 * MINUTE
    expect(await open(await sealed(begun({ begunAt, expiresAt: NOW + MINUTE })))).toBeNull()
  })

  it('of a longer life than there is now is none, nor is one of the future', async () => {
    expect(await open(await sealed(begun({ expiresAt: NOW + IDLE_MS + 2 * MINUTE })))).toBeNull()
    const begunAt = NOW + 2 * MINUTE
    expect(await open(await sealed(begun({ begunAt, expiresAt: NOW + IDLE_MS })))).toBeNull()
  })

  it('is read by an instance whose clock is a little behind', async () => {
    expect(await open(await sealed(begun()), NOW - MINUTE / 2)).not.toBeNull()
  })

  it('ends when the token of its role is replaced or taken away, and not when another one is', async () => {
    const text = await sealed(begun())
    expect(await open(text, NOW, sessionKeys({ ...TOKENS, operator: 'another-token-of-tests' }))).toBeNull()
    expect(await open(text, NOW, sessionKeys({ viewer: TOKENS.viewer, admin: TOKENS.admin }))).toBeNull()
    expect(await open(text, NOW, sessionKeys({ operator: TOKENS.operator }))).not.toBeNull()
  })

  it('of one role is none of another, even where their tokens are the same text', async () => {
    const same = sessionKeys({ viewer: 'the-same-token-twice', admin: 'the-same-token-twice' })
    const text = await sealed(begun({ role: 'viewer' }), same)
    expect(await open(text, NOW, same)).not.toBeNull()
    expect(await open(text.replace('.viewer.', '.admin.'), NOW, same)).toBeNull()
  })
})

describe('what was changed', () => {
  const replaced: { [part: string]: (parts: string[]) => string[] } = {
    'the version': (parts) => parts.with(0, '2'),
    'the role': (parts) => parts.with(1, 'admin'),
    'the role, to one that does not exist': (parts) => parts.with(1, 'root'),
    'the name': (parts) => parts.with(2, Buffer.from('Eve').toString('base64url')),
    'the name, to none': (parts) => parts.with(2, ''),
    'the begin': (parts) => parts.with(3, String(NOW - 1)),
    'the begin, by a zero before it': (parts) => parts.with(3, `0${NOW}`),
    'the end': (parts) => parts.with(4, String(NOW + IDLE_MS + 1)),
    'the nonce': (parts) => parts.with(5, 'n-2'),
    'the signature, to none': (parts) => parts.with(6, ''),
    'the signature, to zeros': (parts) => parts.with(6, 'A'.repeat(43)),
    'the signature, cut': (parts) => parts.with(6, (parts[6] ?? '').slice(0, -1)),
    'the signature, with padding': (parts) => parts.with(6, `${parts[6]}=`),
    'the order': (parts) => parts.toReversed(),
    'a part less': (parts) => parts.toSpliced(5, 1),
    'a part more': (parts) => [...parts, ''],
  }
  it.each(Object.entries(replaced))('is no session: %s', async (_, change) => {
    const parts = (await sealed(begun())).split('.')
    expect(parts).toHaveLength(7)
    expect(await open(change(parts).join('.'))).toBeNull()
  })

  it('by a single character, anywhere, is no session', async () => {
    const text = await sealed(begun())
    for (let at = 0; at < text.length; at += 1) {
      for (const char of ['A', 'B', '0', '1', '-', '.', ' ', 'é'].filter((one) => one !== text[at])) {
        const changed = text.slice(0, at) + char + text.slice(at + 1)
        expect([changed, await open(changed)]).toEqual([changed, null])
      }
    }
  })

  it('in the bits that base64 leaves over is no session', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const text = await sealed(begun())
    const opened = await Promise.all([...alphabet].map((last) => open(text.slice(0, -1) + last)))
    expect(opened.filter((session) => session !== null)).toHaveLength(1)
  })

  it.each(['\n', ' ', ';', '\0', '"'])('by %j before or after it is no session', async (extra) => {
    const text = await sealed(begun())
    expect([await open(text + extra), await open(extra + text)]).toEqual([null, null])
  })
})

describe('any text', () => {
  const part = fc.oneof(
    fc.constantFrom('1', 'admin', 'viewer', String(NOW), String(NOW + IDLE_MS), 'A'.repeat(43), 'QW5u', ''),
    fc.string({ unit: 'grapheme', maxLength: 50 }),
    fc.stringMatching(/^[\w-]{0,44}$/),
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 2_000 }),
    fc.array(part, { maxLength: 9 }).map((parts) => parts.join('.')),
    fc
      .tuple(fc.constantFrom(...ROLES), fc.stringMatching(/^[\w-]{0,40}$/), fc.stringMatching(/^[\w-]{43}$/))
      .map(([role, name, signature]) => `1.${role}.${name}.${NOW}.${NOW + IDLE_MS}.n.${signature}`),
  )

  it('that was not sealed is no session, and no error', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await open(text)).toBeNull()
      }),
      { seed: 6, numRuns: 1_500 },
    )
  })
})
