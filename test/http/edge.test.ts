import { join } from 'node:path'
import { EdgeVM } from '@edge-runtime/vm'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** The data path as one file, for a runtime that has Web APIs only. An import of `node:` would fail the build. */
async function bundle() {
  const entry = `
    import { createApp } from './lib/http/app.js'
    import { dataRoutes } from './lib/http/data.js'
    import { FakeDataPlane } from './test/http/fake-data-plane.js'
    const clock = { now: () => 0, id: () => crypto.randomUUID() }
    const log = { error() {}, info() {}, debug() {} }
    const data = dataRoutes({ dataPlane: new FakeDataPlane(), authorize: async () => {}, schemas: async () => ({}), clock })
    globalThis.app = createApp({ data, health: async () => ({ healthy: true, issues: [] }), clock, log })
  `
  return build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'iife',
    target: 'es2023',
  })
}

describe('the data path', () => {
  it('runs on Web APIs alone and carries nothing of the control plane', async () => {
    const { outputFiles, metafile } = await bundle()
    const ours = Object.keys(metafile.inputs).filter((path) => path.startsWith('lib/'))
    expect(ours.filter((path) => /control|openapi\.ts|authorize|engine|drivers|mcp/.test(path))).toStrictEqual([])

    const vm = new EdgeVM({ initialCode: outputFiles[0]?.text ?? '' })
    const answer = await vm.evaluate<Promise<{ status: number; etag: string; body: string }>>(`(async () => {
      const url = 'http://edge.test/api/v1/notes/' + encodeURIComponent('a/é')
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' }
      await app.fetch(new Request(url, { method: 'PUT', headers, body: '{"n":1}' }))
      const read = await app.fetch(new Request(url))
      return { status: read.status, etag: read.headers.get('etag'), body: await read.text() }
    })()`)
    expect({ ...answer }).toStrictEqual({ status: 200, etag: '"1"', body: '{"id":"a/é","n":1}' })
  })
})
