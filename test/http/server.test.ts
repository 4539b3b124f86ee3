import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { afterEach, describe, expect, it } from 'vitest'
import { dataApp } from './harness.js'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

describe('over a real connection', () => {
  it('ids, HEAD and conditional reads arrive as they do in process', async () => {
    const { base } = await listen()
    const url = `${base}/api/v1/notes/${encodeURIComponent('a/b ?é%2F')}`
    const headers = { 'Content-Type': 'application/json' }
    expect((await fetch(url, { method: 'PUT', headers, body: '{"n":1}' })).status).toBe(201)
    expect(await (await fetch(url)).json()).toStrictEqual({ id: 'a/b ?é%2F', n: 1 })
    expect((await fetch(url, { method: 'HEAD' })).headers.get('etag')).toBe('"1"')
    expect((await fetch(url, { headers: { 'If-None-Match': '"1"' } })).status).toBe(304)
    expect((await fetch(`${base}/api/v1/notes/%zz`)).status).toBe(400)
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204)
  })

  it('a body that is too large is refused, announced or not', async () => {
    const { base, port } = await listen(1_000)
    const body = JSON.stringify({ text: 'x'.repeat(50_000) })
    const headers = { 'Content-Type': 'application/json' }
    expect((await fetch(`${base}/api/v1/notes/a`, { method: 'PUT', headers, body })).status).toBe(413)
    const status = await new Promise((resolve, reject) => {
      const path = '/api/v1/notes/a'
      const chunked = request({ host: '127.0.0.1', port, path, method: 'PUT', headers }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      chunked.on('error', reject)
      chunked.write(body)
      chunked.end()
    })
    expect(status).toBe(413)
  })
})

async function listen(recordBytesMax = 1_000_000) {
  const { app } = dataApp({ limits: { recordBytesMax } })
  const port = await new Promise<number>((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info: AddressInfo) =>
      resolve(info.port),
    )
    closers.push(() => new Promise((done) => server.close(() => done())))
  })
  return { base: `http://127.0.0.1:${port}`, port }
}
