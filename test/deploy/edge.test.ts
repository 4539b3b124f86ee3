import { gzipSync } from 'node:zlib'
import { EdgeVM } from '@edge-runtime/vm'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allParts } from '../../api/_surfaces/all.js'
import { type Wired, wire } from '../../lib/wire.js'
import { type EdgeBundle, edgeBundle } from '../../scripts/build/edge.js'
import { type Ask, asker, ended, operator, type Surroundings, surroundings } from './world.js'

/** The data function on an edge runtime, and the control plane on Node beside it, over the same stores. */
let around: Surroundings
let bundle: EdgeBundle
let edge: Ask
let node: Ask
let wired: Wired
let server: ReturnType<typeof serve>
const retries = process.env.VERCEL_BLOB_RETRIES

beforeAll(async () => {
  around = await surroundings()
  bundle = await edgeBundle()
  const url = await listen()
  const env = { ...around.env, CUTOVER_PUBLIC_URL: url }
  process.env.VERCEL_BLOB_RETRIES = '0'
  wired = await wire(env)
  app = await allParts(wired)
  node = asker((path, init) => fetch(url + path, init))
  edge = await onEdge(bundle.code, env)
}, 60_000)

afterAll(async () => {
  await wired?.drained()
  server?.close()
  await around?.close()
  delete process.env.VERCEL_BLOB_API_URL
  if (retries === undefined) delete process.env.VERCEL_BLOB_RETRIES
})

let app: Hono

async function listen(): Promise<string> {
  const port = await new Promise<number>((resolve) => {
    server = serve({ fetch: (request) => app.fetch(request), port: 0, hostname: '127.0.0.1' }, (info) =>
      resolve(info.port),
    )
  })
  return `http://127.0.0.1:${port}`
}

/** Runs a module with top-level await in a context where `process` is its environment and nothing more. */
async function onEdge(code: string, env: { [name: string]: string }): Promise<Ask> {
  const vm = new EdgeVM({ extend: (context) => Object.assign(context, { process: { env: { ...env } } }) })
  const script = code.replace(/^export \{\s*(\w+) as default\s*\};/m, 'globalThis.app = $1;')
  await vm.evaluate<Promise<void>>(`(async () => { ${script} })()`)
  const send = vm.evaluate<(url: string, init: RequestInit) => Promise<Response>>(
    '(url, init) => app.fetch(new Request(url, init))',
  )
  return asker((path, init) => send(`http://edge.test${path}`, init))
}

async function clientOfStage(stage: string, servedBy: string): Promise<void> {
  const path = `/api/v1/projects/${encodeURIComponent(`${stage}/ü`)}`
  const created = await edge(path, { method: 'PUT', body: { name: 'One' }, headers: { 'if-none-match': '*' } })
  expect([created.status, created.headers.get('cutover-stage')]).toEqual([201, stage])
  const again = await edge(path, { method: 'PUT', body: { name: 'One' }, headers: { 'if-none-match': '*' } })
  expect(again.status).toBe(412)

  const etag = created.headers.get('etag') ?? ''
  const patch = { method: 'PATCH', body: { status: 'active' }, headers: { 'if-match': etag } }
  expect((await edge(path, patch)).json()).toEqual({ id: `${stage}/ü`, name: 'One', status: 'active' })
  expect((await edge(path, patch)).json().code).toBe('precondition-failed')

  const read = await edge(path)
  expect(read.headers.get('cutover-served-by')).toBe(servedBy)
  expect((await node(path)).json()).toEqual(read.json())
  expect((await edge(path, { headers: { 'if-none-match': read.headers.get('etag') ?? '' } })).status).toBe(304)

  const kept = await edge(`/api/v1/projects/kept-${stage}`, { method: 'PUT', body: { name: stage } })
  expect(kept.status).toBe(201)
  expect((await edge(path, { method: 'DELETE' })).status).toBe(204)
  expect((await edge(path)).status).toBe(404)
  const { items } = (await edge('/api/v1/projects?limit=200')).json() as { items: { id: string }[] }
  expect(items.map(({ id }) => id)).toContain(`kept-${stage}`)
  expect(items.map(({ id }) => id)).not.toContain(`${stage}/ü`)
}

describe('the data function on an edge runtime', () => {
  it('works in the stages off, shadow and live, while Node moves the collection', async () => {
    const operate = operator(node)
    await clientOfStage('off', 'source')
    await operate('projects/advance', { reason: 'test', to: 'shadow' })
    await clientOfStage('shadow', 'source')
    const { runId } = await operate('projects/backfill', { reason: 'test' })
    expect(await ended(node, runId)).toMatchObject({ status: 'succeeded' })
    await operate('projects/advance', { reason: 'test', to: 'live' })
    await clientOfStage('live', 'target')
    const listed = (await edge('/api/v1/projects')).json() as { items: { id: string }[] }
    expect(listed.items.map(({ id }) => id)).toEqual(['kept-live', 'kept-off', 'kept-shadow'])
  })

  it('asks for its token, and answers faults as problem documents', async () => {
    expect((await edge('/api/v1/projects', { token: null })).status).toBe(401)
    const refused = await edge('/api/v1/projects/x', { method: 'PUT', body: '{"name": 1}' })
    expect([refused.status, refused.json().code]).toEqual([400, 'invalid-input'])
  })

  it('refuses documents in files, and an environment that is not complete, at its start', async () => {
    const { BLOB_READ_WRITE_TOKEN: _, ...given } = around.env
    const env = { ...given, CUTOVER_PUBLIC_URL: 'https://example.com' }
    await expect(onEdge(bundle.code, { ...env, CUTOVER_SOURCE_DIR: '/data' })).rejects.toThrow('no files')
    await expect(onEdge(bundle.code, env)).rejects.toThrow('BLOB_READ_WRITE_TOKEN is missing')
  })

  it('carries no surface but its own, and fits where it is to be deployed', async () => {
    const ours = [...bundle.inputs.keys()].filter((path) => /^(api|lib)\//.test(path))
    expect(
      ours.filter((path) => /^lib\/(mcp|cli|dashboard)|lib\/http\/(control|openapi|jobs|cron)/.test(path)),
    ).toEqual([])
    expect(ours.filter((path) => path.includes('/documents/files'))).toEqual([])
    const { code } = await edgeBundle({ minify: true })
    // The smallest limit of an edge function is 1 MB, compressed.
    expect(gzipSync(code).byteLength).toBeLessThan(300_000)
  })
})
