import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifyDelivery } from '../../lib/drivers/queues/receiver.js'
import { deploy, SECRETS } from './authorization-world.js'
import { BODY, genuine, URL_RUN, withSignature } from './signatures-tokens.js'

/** Laws of the signature: nothing near a genuine delivery is genuine. */
const KEYS = { currentSigningKey: SECRETS.currentKey, nextSigningKey: SECRETS.nextKey }
const FORGED = { kind: 'forged', reason: 'bad-signature' }

function flip(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return changed
}

const bitsOf = (bytes: Buffer): number[] => Array.from({ length: bytes.length * 8 }, (_, bit) => bit)

describe('one bit', () => {
  it('of the token, any of them, makes it forged', async () => {
    const token = Buffer.from(genuine(), 'latin1')
    const taken: number[] = []
    for (const bit of bitsOf(token)) {
      const signature = flip(token, bit).toString('latin1')
      const verdict = await verifyDelivery({ signature, body: BODY, url: URL_RUN, ...KEYS })
      if (verdict.kind !== 'forged' || verdict.reason !== 'bad-signature') taken.push(bit)
    }
    expect(taken).toEqual([])
  })

  it('of the URL, any of them, makes it another URL', async () => {
    const signature = genuine()
    const url = Buffer.from(URL_RUN, 'latin1')
    for (const bit of bitsOf(url)) {
      const changed = flip(url, bit).toString('latin1')
      const verdict = await verifyDelivery({ signature, body: BODY, url: changed, ...KEYS })
      expect([bit, verdict]).toEqual([bit, { kind: 'forged', reason: 'other-url' }])
    }
  })

  it('of the body, any of them, has it refused before anything is asked', async () => {
    const deployed = await deploy()
    const headers = [['upstash-signature', genuine()]] as const
    const body = Buffer.from(BODY)
    for (const bit of bitsOf(body)) {
      const answer = await deployed.ask({ method: 'POST', path: '/api/jobs/run', headers, body: flip(body, bit) })
      // A high bit is no UTF-8, and that is said first.
      expect([bit, answer.status, answer.touched]).toEqual([bit, (bit & 7) === 7 ? 400 : 401, false])
    }
  })

  it('of a key, any of them, makes it another key', async () => {
    const signature = genuine()
    const key = Buffer.from(SECRETS.currentKey, 'latin1')
    for (const bit of bitsOf(key)) {
      const currentSigningKey = flip(key, bit).toString('latin1')
      const verdict = await verifyDelivery({ signature, body: BODY, url: URL_RUN, ...KEYS, currentSigningKey })
      expect([bit, verdict]).toEqual([bit, FORGED])
    }
  })
})

const text = fc.string({ unit: 'grapheme', maxLength: 60 })
const url = fc.webUrl({ withQueryParameters: true })
const key = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })

describe('whatever is delivered', () => {
  it('is genuine with its own body, URL and key, and with no other', async () => {
    const delivery = fc.record({ body: text, url, key })
    await fc.assert(
      fc.asyncProperty(delivery, delivery, key, async (one, other, next) => {
        fc.pre(one.key !== other.key && next !== one.key)
        const signature = genuine(one)
        const keys = { currentSigningKey: one.key, nextSigningKey: next }
        const verdict = async (change: Partial<typeof one>, keysOf = keys) =>
          (await verifyDelivery({ signature, body: one.body, url: one.url, ...change, ...keysOf })).kind
        expect(await verdict({})).toBe('genuine')
        expect(await verdict({ body: other.body })).toBe(other.body === one.body ? 'genuine' : 'forged')
        expect(await verdict({ url: other.url })).toBe(other.url === one.url ? 'genuine' : 'forged')
        expect(await verdict({}, { currentSigningKey: other.key, nextSigningKey: next })).toBe('forged')
        expect(await verdict({}, { currentSigningKey: next, nextSigningKey: one.key })).toBe('genuine')
      }),
      { numRuns: 150, seed: 1 },
    )
  })

  it('parts of two genuine tokens make no third', async () => {
    const [one = '', another = ''] = [genuine(), genuine({ body: '{"runId":"r2","step":9}' })]
    const [parts, others] = [one.split('.'), another.split('.')]
    for (const mixed of [
      [parts[0], others[1], parts[2]],
      [parts[0], parts[1], others[2]],
      [parts[1], parts[0], parts[2]],
      [parts[0], parts[2], parts[1]],
      [others[0], parts[1], others[2]],
    ]) {
      const delivery = { signature: mixed.join('.'), url: URL_RUN, ...KEYS }
      expect(await verifyDelivery({ ...delivery, body: BODY })).toEqual(FORGED)
      expect(await verifyDelivery({ ...delivery, body: '{"runId":"r2","step":9}' })).toEqual(FORGED)
    }
  })

  it('a signature that is any text at all is forged, and never a fault of ours', async () => {
    const signatures = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
      fc.base64String({ minLength: 1, maxLength: 100 }).map((end) => withSignature(genuine(), end)),
      fc.tuple(fc.base64String(), fc.base64String(), fc.base64String()).map((parts) => parts.join('.')),
      fc.nat(genuine().length - 1).map(
        (length) =>
          genuine()
            .slice(0, length + 1)
            .slice(0, -1) || '.',
      ),
    )
    await fc.assert(
      fc.asyncProperty(signatures, async (signature) => {
        expect(await verifyDelivery({ signature, body: BODY, url: URL_RUN, ...KEYS })).toEqual(FORGED)
      }),
      { numRuns: 300, seed: 1 },
    )
  })
})
