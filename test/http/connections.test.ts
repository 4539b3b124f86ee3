import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { createApp } from '../../lib/http/app.js'
import { connectionCounter } from '../../lib/http/connections.js'
import { all, instance } from '../engine/metrics/measuring.js'
import { countingClock, dataApp, KeptLog } from './harness.js'

const RUNTIME = (component: string) => ({ component, path: null, operation: 'runtime' })

it('requests are counted for the collection they are about, those of the tools for all, operators not at all', async () => {
  const one = instance()
  const served = connectionCounter(one.recorder, ['projects', 'resources'])
  served('/api/v1/projects', false)
  served('/api/v1/projects/a%2Fb', true)
  served('/mcp', false)
  for (const path of ['/api/v1/nobody/x', '/api/v1/', '/api/migration/metrics', '/']) served(path, true)
  await one.recorder.flush()
  expect((await all(one.store, RUNTIME('projects')))?.sums).toEqual({ connections: 3, dropped: 1 })
  expect((await all(one.store, RUNTIME('resources')))?.sums).toEqual({ connections: 1 })
})

it('every request is told of when it was answered, refused ones too', async () => {
  const told: [string, boolean][] = []
  const { send } = dataApp({ served: (path, dropped) => told.push([path, dropped]) })
  await send('GET', '/api/v1/projects')
  await send('GET', '/api/v1/nobody/x')
  expect(told).toEqual([
    ['/api/v1/projects', false],
    ['/api/v1/nobody/x', false],
  ])
})

it('a client that goes away before the answer is seen, over a real connection', async () => {
  const told: [string, boolean][] = []
  let heard: () => void = () => {}
  const arrived = new Promise<void>((resolve) => {
    heard = resolve
  })
  let answer: () => void = () => {}
  const answering = new Promise<void>((resolve) => {
    answer = resolve
  })
  const data = new Hono().get('/api/v1/projects/slow', async (c) => {
    heard()
    await answering
    return c.text('late')
  })
  const app = createApp({
    data,
    health: async () => ({ healthy: true, issues: [] }),
    served: (path, dropped) => told.push([path, dropped]),
    clock: countingClock(),
    log: new KeptLog(),
  })
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/projects/slow`
  try {
    const leaving = new AbortController()
    const gone = fetch(url, { signal: leaving.signal }).catch(() => 'gone')
    await arrived
    const closed = new Promise((resolve) => server.once('connection', (socket) => socket.once('close', resolve)))
    leaving.abort()
    expect(await gone).toBe('gone')
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 200))])
    answer()
    for (let look = 0; told.length === 0 && look < 100; look++) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(told).toEqual([['/api/v1/projects/slow', true]])
    expect(await (await fetch(url)).text()).toBe('late')
    expect(told[1]).toEqual(['/api/v1/projects/slow', false])
  } finally {
    server.close()
  }
})
