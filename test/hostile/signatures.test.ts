import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Deployed, deploy, SECRETS } from './authorization-world.js'
import { deliver, LET_IN, refused, seen } from './signatures-door.js'
import {
  claimsWith,
  encode,
  forged,
  genuine,
  HEADER,
  signedAs,
  signedByStranger,
  withSignature,
} from './signatures-tokens.js'

/** The queue's door, as production builds it: the official Receiver, the keys of the environment, the app's own routes. */
let deployed: Deployed
beforeAll(async () => {
  deployed = await deploy()
})
afterEach(() => vi.unstubAllEnvs())

describe('a delivery that the queue has signed', () => {
  it.each([
    ['with the current key', () => genuine()],
    ['with the next key', () => genuine({ key: SECRETS.nextKey })],
    ['three minutes ago', () => genuine({ ageSeconds: 180 })],
    ['with its claims in another order and one more', () => forged(HEADER, { more: true, ...claimsWith() })],
  ])('%s is let in', async (_, signature) => {
    expect(seen(await deliver(deployed, { signature: signature() }))).toEqual(LET_IN)
  })

  it('may say what it likes about region, host and protocol: the URL and the keys are those of the environment', async () => {
    const headers = [
      ['x-forwarded-host', 'evil.example'],
      ['x-forwarded-proto', 'http'],
      ['forwarded', 'host=evil.example;proto=http'],
      ['host', 'evil.example'],
      ['upstash-region', 'US-EAST-1'],
    ] as const
    expect(seen(await deliver(deployed, { signature: genuine(), headers }))).toEqual(LET_IN)
  })
})

const now = () => Math.floor(Date.now() / 1000)
const valid = () => genuine()
const part = (token: string, at: 0 | 1 | 2) => token.split('.')[at] ?? ''

describe('a delivery is refused', () => {
  it.each([
    ['without a signature', () => undefined, 'no-signature'],
    ['with an empty one', () => '', 'no-signature'],
    ['with words', () => 'let me in', 'bad-signature'],
    ['with dots', () => '..', 'bad-signature'],
    ['with the signing key itself', () => SECRETS.currentKey, 'bad-signature'],
    ['with 8,000 characters', () => 'eyJ'.repeat(2_700), 'bad-signature'],
    ['with a bearer scheme before the token', () => `Bearer ${valid()}`, 'bad-signature'],
    ['with a JSON serialization', () => jsonSerialization(valid()), 'bad-signature'],
    ['with two tokens', () => `${valid()}.${valid()}`, 'bad-signature'],
    ['with the claims alone', () => part(valid(), 1), 'bad-signature'],
    ['with its signature cut off', () => withSignature(valid(), ''), 'bad-signature'],
    ['with half its signature', () => valid().slice(0, -22), 'bad-signature'],
    [
      'with the signature of another delivery',
      () => withSignature(valid(), part(genuine({ body: '{}' }), 2)),
      'bad-signature',
    ],
    ['with padding', () => `${valid()}=`, 'bad-signature'],
    ['with characters that are passed over', () => valid().replaceAll('.', '.!'), 'bad-signature'],
    ['with a space in its signature', () => `${valid().slice(0, -9)} ${valid().slice(-9)}`, 'bad-signature'],
  ])('%s', async (_, signature, reason) => {
    const brought = signature()
    expect(refused(await deliver(deployed, brought === undefined ? {} : { signature: brought }))).toBe(reason)
  })

  it.each([
    ['none', { alg: 'none' }],
    ['None', { alg: 'None' }],
    ['nOnE', { alg: 'nOnE' }],
    ['an empty text', { alg: '' }],
    ['nothing', {}],
    ['a list', { alg: ['HS256', 'none'] }],
    ['RS256', { alg: 'RS256' }],
    ['ES256', { alg: 'ES256' }],
    ['PS256', { alg: 'PS256' }],
    ['EdDSA', { alg: 'EdDSA' }],
    ['hs256', { alg: 'hs256' }],
    ['HS256 with a critical extension', { alg: 'HS256', crit: ['exp'], exp: 1 }],
    ['HS256 of raw claims', { alg: 'HS256', crit: ['b64'], b64: false }],
  ])('where its header names the algorithm %s, signed with the right key or not at all', async (_, header) => {
    const signed = forged({ typ: 'JWT', ...header }, claimsWith())
    for (const signature of [signed, withSignature(signed, ''), withSignature(signed, 'AAAA')]) {
      expect(refused(await deliver(deployed, { signature }))).toBe('bad-signature')
    }
  })

  it.each([
    ['another key', () => forged(HEADER, claimsWith(), 'sig_another')],
    ['an empty key', () => forged(HEADER, claimsWith(), '')],
    ['the key in lower case', () => forged(HEADER, claimsWith(), SECRETS.currentKey.toLowerCase())],
    ['the key without its prefix', () => forged(HEADER, claimsWith(), SECRETS.currentKey.slice(4))],
    ['the key read as base64', () => forged(HEADER, claimsWith(), Buffer.from(SECRETS.currentKey, 'base64'))],
    ['the token of the queue', () => forged(HEADER, claimsWith(), SECRETS.queue)],
    ['a public word', () => forged(HEADER, claimsWith(), 'undefined')],
    [
      'a key that it brings along',
      () => forged({ ...HEADER, jwk: { kty: 'oct', k: encode('mine') } }, claimsWith(), 'mine'),
    ],
    ['a key that it names', () => forged({ ...HEADER, kid: '../../dev/null' }, claimsWith(), '')],
    ['a key pair of its own', () => signedByStranger()],
    ['HS384 and the right key', () => signedAs('sha384', { alg: 'HS384', typ: 'JWT' }, claimsWith())],
    ['HS512 and the right key', () => signedAs('sha512', { alg: 'HS512', typ: 'JWT' }, claimsWith())],
  ])('where it is signed with %s', async (_, signature) => {
    expect(refused(await deliver(deployed, { signature: signature() }))).toBe('bad-signature')
  })

  it.each([
    ['expired', { exp: now() - 1 }],
    ['at the last of its seconds', { exp: now() }],
    ['not valid yet', { nbf: now() + 250 }],
    ['valid from a day that is a text', { nbf: '0' }],
    ['without an end', { exp: undefined }],
    ['with an end that is a text', { exp: '9999999999' }],
    ['without the time of its making', { iat: undefined }],
    [
      'made in the far past, with an end in the far future',
      { iat: 1_600_000_000, nbf: 1_600_000_000, exp: 4_000_000_000 },
    ],
    ['made two hours ago, good for a day', { iat: now() - 7_200, nbf: now() - 7_200, exp: now() + 79_200 }],
    ['made tomorrow', { iat: now() + 86_400 }],
    ['of another issuer', { iss: 'Mallory' }],
    ['of an issuer in other letters', { iss: 'upstash' }],
    ['of a list of issuers', { iss: ['Upstash'] }],
    ['of no issuer', { iss: undefined }],
    ['without a body', { body: undefined }],
    ['with a body of null', { body: null }],
    ['with a list for its body', { body: [] }],
  ])('where its token is genuine, and %s', async (_, change) => {
    expect(refused(await deliver(deployed, { signature: forged(HEADER, claimsWith(change)) }))).toBe('bad-signature')
  })

  it.each([
    ['whose claims are no object', '[]'],
    ['whose claims are no JSON', '{'],
    ['whose claims are empty', ''],
  ])('where its token is genuine, and %s', async (_, claims) => {
    expect(refused(await deliver(deployed, { signature: forged(HEADER, claims) }))).toBe('bad-signature')
  })
})

function jsonSerialization(token: string): string {
  return JSON.stringify({ protected: part(token, 0), payload: part(token, 1), signature: part(token, 2) })
}

describe('the header', () => {
  it.each([
    ['twice the same', [valid(), valid()]],
    ['a genuine one and an empty one', [valid(), '']],
    ['an empty one and a genuine one', ['', valid()]],
    ['a genuine one and a false one', [valid(), 'a.b.c']],
    ['a false one and a genuine one', ['a.b.c', valid()]],
  ])('given twice (%s) is refused', async (_, values) => {
    const headers = values.map((value) => ['upstash-signature', value] as const)
    expect(refused(await deliver(deployed, { headers }))).toBe('bad-signature')
  })

  it.each(['authorization', 'x-upstash-signature', 'upstash-forward-upstash-signature', 'cookie'])(
    'is not %s',
    async (name) => {
      expect(refused(await deliver(deployed, { headers: [[name, valid()]] }))).toBe('no-signature')
    },
  )

  it('of the region turns to no other keys, even where the environment has some', async () => {
    vi.stubEnv('QSTASH_REGION', 'EU_CENTRAL_1')
    vi.stubEnv('US_EAST_1_QSTASH_CURRENT_SIGNING_KEY', 'sig_of_the_region')
    vi.stubEnv('US_EAST_1_QSTASH_NEXT_SIGNING_KEY', 'sig_of_the_region')
    vi.stubEnv('QSTASH_CURRENT_SIGNING_KEY', 'sig_of_the_region')
    vi.stubEnv('QSTASH_NEXT_SIGNING_KEY', 'sig_of_the_region')
    const signature = genuine({ key: 'sig_of_the_region' })
    for (const region of ['US-EAST-1', 'us_east_1', 'EU-CENTRAL-1', 'nowhere', '']) {
      const headers = [['upstash-region', region]] as const
      expect(refused(await deliver(deployed, { signature, headers }))).toBe('bad-signature')
      expect(seen(await deliver(deployed, { signature: genuine(), headers }))).toEqual(LET_IN)
    }
  })

  it('is not checked against the public keys of development, whatever the environment says', async () => {
    const { developmentAccount } = await import('../../scripts/stack/qstash/server.js')
    for (const [name, value] of [
      ['QSTASH_DEV', 'true'],
      ['QSTASH_DEV', '1'],
      ['NODE_ENV', 'development'],
    ] as const) {
      vi.stubEnv(name, value)
      const signature = genuine({ key: developmentAccount.currentSigningKey })
      expect(refused(await deliver(deployed, { signature }))).toBe('bad-signature')
      expect(seen(await deliver(deployed, { signature: genuine() }))).toEqual(LET_IN)
    }
  })
})

describe('after a rotation', () => {
  const keys = ['sig_First1', 'sig_Second2', 'sig_Third3', 'sig_Fourth4'] as const

  it('a key is good for as long as it is one of the two, and not a moment longer', async () => {
    for (const [at, current] of keys.slice(0, 3).entries()) {
      const next = keys[at + 1] ?? ''
      const set = { QSTASH_CURRENT_SIGNING_KEY: current, QSTASH_NEXT_SIGNING_KEY: next }
      const rotated = await deploy({ set })
      for (const key of keys) {
        const answer = await deliver(rotated, { signature: genuine({ key }) })
        expect([at, key, answer.status]).toEqual([at, key, key === current || key === next ? 200 : 401])
      }
    }
  })

  it('a deployment without one of the two keys does not start', async () => {
    for (const name of ['QSTASH_CURRENT_SIGNING_KEY', 'QSTASH_NEXT_SIGNING_KEY'] as const) {
      await expect(deploy({ without: [name] })).rejects.toMatchObject({ code: 'configuration' })
      await expect(deploy({ set: { [name]: ' ' } })).rejects.toMatchObject({ code: 'configuration' })
    }
  })
})
