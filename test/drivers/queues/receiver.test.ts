import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { verifyDelivery } from '../../../lib/drivers/queues/receiver.js'
import { signDelivery } from '../../../scripts/stack/qstash/signature.js'

const url = 'https://app.example/api/jobs/run?step=1'
const body = '{"runId":"r1"}'
const keys = { currentSigningKey: 'sig_current', nextSigningKey: 'sig_next' }

test.each(['sig_current', 'sig_next'])('a delivery signed with %s is genuine', async (key) => {
  expect(await verifyDelivery({ signature: sign({ key }), body, url, ...keys })).toEqual({ kind: 'genuine' })
})

test.each([
  ['another URL', { url: `${url}&more` }, 'other-url'],
  ['another body', { body: '{"runId":"r2"}' }, 'other-body'],
  ['an empty URL', { url: '' }, 'other-url'],
  ['no signature', { signature: '' }, 'no-signature'],
  ['an absent signature', { signature: null }, 'no-signature'],
  ['something that is no token', { signature: 'abc' }, 'bad-signature'],
  ['a former key', { signature: sign({ key: 'sig_former' }) }, 'bad-signature'],
  ['an expired signature', { signature: sign({ key: 'sig_current', ageSeconds: 400 }) }, 'bad-signature'],
  ['a signature of the future', { signature: sign({ key: 'sig_current', ageSeconds: -60 }) }, 'bad-signature'],
  ['a token without a body claim', { signature: claims({ iss: 'Upstash', sub: url }) }, 'bad-signature'],
  ['another issuer', { signature: claims({ iss: 'Other', sub: url, body: '' }) }, 'bad-signature'],
])('%s is forged', async (_name, change, reason) => {
  const genuine = { signature: sign({ key: 'sig_current' }), body, url, ...keys }
  expect(await verifyDelivery({ ...genuine, ...change })).toEqual({ kind: 'forged', reason })
})

test('an unsigned token is forged', async () => {
  const [, payload] = sign({ key: 'sig_current' }).split('.')
  const header = Buffer.from('{"alg":"none"}').toString('base64url')
  const verdict = await verifyDelivery({ signature: `${header}.${payload}.`, body, url, ...keys })
  expect(verdict).toEqual({ kind: 'forged', reason: 'bad-signature' })
})

test('a clock that is a little behind is tolerated when that is asked for', async () => {
  const signature = sign({ key: 'sig_current', ageSeconds: -20 })
  expect(await verifyDelivery({ signature, body, url, ...keys })).toMatchObject({ kind: 'forged' })
  expect(await verifyDelivery({ signature, body, url, ...keys, clockToleranceSeconds: 30 })).toEqual({
    kind: 'genuine',
  })
})

test('without both keys nothing is told', async () => {
  const delivery = { signature: sign({ key: '' }), body, url, currentSigningKey: '', nextSigningKey: 'sig_next' }
  await expect(verifyDelivery(delivery)).rejects.toMatchObject({ code: 'configuration' })
})

function sign({ key, ageSeconds = 0 }: { key: string; ageSeconds?: number }): string {
  return signDelivery({ url, body: Buffer.from(body), key, nowMs: Date.now() - ageSeconds * 1000 })
}

function claims(payload: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const unsigned = `${part({ alg: 'HS256' })}.${part(payload)}`
  return `${unsigned}.${createHmac('sha256', 'sig_current').update(unsigned).digest('base64url')}`
}
