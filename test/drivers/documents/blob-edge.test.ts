import { EdgeVM } from '@edge-runtime/vm'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { startBlobServer } from '../../../scripts/stack/blob/server.js'

it('the Blob driver and its SDK run on an edge runtime', async () => {
  const server = await startBlobServer()
  const source = `export { blobDocuments } from './lib/drivers/documents/blob.ts'`
  const bundle = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    format: 'iife',
    globalName: 'driver',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  })
  const edge = new EdgeVM({ extend: (context) => Object.assign(context, { process: { env: {} } }) })
  edge.evaluate(bundle.outputFiles[0]?.text ?? '')
  const { token, apiUrl, readUrl } = server
  const options = JSON.stringify({ token, access: 'private', apiUrl, readUrl })
  const answers: unknown = await edge.evaluate(`(async () => {
    const store = driver.blobDocuments(${options})
    const absent = await store.get('a.json')
    const { etag } = await store.put('a.json', '{"ü":1}', { ifMatch: null })
    const unchanged = await store.get('a.json', etag)
    const again = await store.put('a.json', 'x', { ifMatch: null })
    const second = await store.put('a.json', 'two', { ifMatch: etag })
    const stale = await store.put('a.json', 'three', { ifMatch: etag })
    const { text } = await store.get('a.json', etag)
    const names = await store.list('')
    const removed = await store.remove('a.json', { ifMatch: second.etag })
    return JSON.stringify([absent, unchanged, again.kind, second.kind, stale.kind, text, names, removed.kind])
  })()`)
  expect(JSON.parse(String(answers))).toEqual([
    null,
    'unchanged',
    'conflict',
    'stored',
    'conflict',
    'two',
    ['a.json'],
    'removed',
  ])
  await server.close()
})
