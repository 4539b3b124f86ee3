import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { randomOf } from '../simulation/random.js'
import { type Link, startLink } from './link.js'

let server: Server
let link: Link
let served: string[]

beforeEach(async () => {
  served = []
  server = createServer((request, response) => {
    served.push(request.url ?? '')
    response.end('x'.repeat(1_000))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  link = await startLink(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, randomOf(1))
})

afterEach(async () => {
  await link.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function get(path: string, withinMs = 5_000): Promise<string> {
  const response = await fetch(link.origin + path, { signal: AbortSignal.timeout(withinMs) })
  return response.text()
}

describe('a network', () => {
  test('passes everything', async () => {
    expect(await get('/a')).toHaveLength(1_000)
  })

  test('is refused, and comes back', async () => {
    await get('/a')
    link.trouble({ kind: 'refuse' })
    await expect(get('/b')).rejects.toThrow('fetch failed')
    link.trouble(null)
    expect(await get('/c')).toHaveLength(1_000)
    expect(served).toEqual(['/a', '/c'])
  })

  test('swallows a request, which arrives long after its sender has given up', async () => {
    await get('/a')
    link.trouble({ kind: 'blackhole', ends: 'late' })
    await expect(get('/late', 200)).rejects.toThrow('timeout')
    expect(served).toEqual(['/a'])
    link.trouble(null)
    for (let turn = 0; turn < 250 && served.length < 2; turn++) await sleep(20)
    expect(served).toEqual(['/a', '/late'])
  })

  test('swallows a request for ever', async () => {
    link.trouble({ kind: 'blackhole', ends: 'reset' })
    const broken = expect(get('/never')).rejects.toThrow('fetch failed')
    await sleep(50)
    link.trouble(null)
    await broken
    expect(await get('/a')).toHaveLength(1_000)
    expect(served).toEqual(['/a'])
  })

  test('breaks off an answer to what has been done', async () => {
    link.trouble({ kind: 'reset', share: 1 })
    await expect(get('/done')).rejects.toThrow(/fetch failed|terminated/)
    expect(served).toEqual(['/done'])
  })

  test('is slow, and whole', async () => {
    link.trouble({ kind: 'slow', ms: 20 })
    expect(await get('/a')).toHaveLength(1_000)
  })
})
