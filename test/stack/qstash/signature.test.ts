import { Client, Receiver } from '@upstash/qstash'
import { expect, test, vi } from 'vitest'
import { developmentAccount } from '../../../scripts/stack/qstash/server.js'
import type { ReceivedCall } from './destination.js'
import { clientOf, useBench } from './setup.js'

const bench = useBench()

test('the official receiver accepts a delivery for its URL and body only', async () => {
  const server = await bench.start()
  const receiver = receiverOf(server.currentSigningKey, server.nextSigningKey)
  const url = `${bench.destination.url}/job?n=1`
  const call = await deliver(clientOf(server), url, 'päyload')
  expect(await receiver.verify({ ...signed(call), url })).toBe(true)
  await expect(receiver.verify({ ...signed(call), url: `${url}2` })).rejects.toThrow('invalid subject')
  await expect(receiver.verify({ ...signed(call), url, body: 'other' })).rejects.toThrow('body hash')
})

test('a receiver with the former keys outlives one rotation but not two', async () => {
  const server = await bench.start({ currentSigningKey: 'sig_first', nextSigningKey: 'sig_second' })
  const receiver = receiverOf(server.currentSigningKey, server.nextSigningKey)
  const url = bench.destination.url
  const rotated = await server.rotateKeys()
  expect(rotated.current).toBe('sig_second')
  const afterOne = await deliver(clientOf(server), url, 'one')
  expect(await receiver.verify({ ...signed(afterOne), url })).toBe(true)
  await fetch(`${server.url}/v2/keys/rotate`, { method: 'POST', headers: { authorization: `Bearer ${server.token}` } })
  const afterTwo = await deliver(clientOf(server), url, 'two')
  await expect(receiver.verify({ ...signed(afterTwo), url })).rejects.toThrow('signature verification failed')
  expect(server.currentSigningKey).toBe(rotated.next)
})

test('with no options the account is the one that QSTASH_DEV clients look for', async () => {
  const server = await bench.start()
  const response = await fetch(`${server.url}/v2/keys`, {
    headers: { authorization: `Bearer ${developmentAccount.token}` },
  })
  expect(await response.json()).toEqual({
    current: developmentAccount.currentSigningKey,
    next: developmentAccount.nextSigningKey,
  })
})

test('a client that QSTASH_DEV configures finds the server and does not look for another', async () => {
  const server = await bench.start()
  vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.stubEnv('QSTASH_DEV', 'true')
  vi.stubEnv('QSTASH_DEV_PORT', new URL(server.url).port)
  try {
    await new Client().publish({ url: bench.destination.url, body: 'dev' })
    await server.idle()
    const [call] = bench.destination.calls
    if (call === undefined) throw new Error('Nothing was delivered.')
    expect(await new Receiver().verify({ ...signed(call), url: bench.destination.url })).toBe(true)
  } finally {
    vi.unstubAllEnvs()
  }
})

async function deliver(client: Client, url: string, body: string): Promise<ReceivedCall> {
  await client.publish({ url, body })
  await bench.destination.received(bench.destination.calls.length + 1)
  const call = bench.destination.calls.at(-1)
  if (call === undefined) throw new Error('Nothing was delivered.')
  return call
}

function signed(call: ReceivedCall): { signature: string; body: string } {
  return { signature: String(call.headers['upstash-signature']), body: call.body }
}

function receiverOf(currentSigningKey: string, nextSigningKey: string): Receiver {
  return new Receiver({ currentSigningKey, nextSigningKey, devMode: false })
}
