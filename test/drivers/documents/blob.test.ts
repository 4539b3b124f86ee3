import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { blobDocuments } from '../../../lib/drivers/documents/blob.js'
import type { DocumentStore } from '../../../lib/ports/document.js'
import { type BlobServer, startBlobServer } from '../../../scripts/stack/blob/server.js'
import { describeDocumentStore } from '../../contract/documents.js'

let server: BlobServer
let stores = 0

beforeAll(async () => {
  server = await startBlobServer()
})
afterAll(async () => {
  await server.close()
  delete process.env.VERCEL_BLOB_API_URL
})
afterEach(() => {
  server.faults.clear()
  server.outage(false)
  vi.unstubAllEnvs()
})

function documents(prefix: string, callMs = 10_000): DocumentStore {
  const { token, apiUrl, readUrl } = server
  return blobDocuments({ token, access: 'private', prefix, apiUrl, readUrl, callMs })
}

const writes = { method: 'PUT', path: '/api/blob' }

for (const retries of ['0', '10']) {
  describeDocumentStore(`blob with VERCEL_BLOB_RETRIES=${retries}`, async () => {
    vi.stubEnv('VERCEL_BLOB_RETRIES', retries)
    stores += 1
    const prefix = `store-${stores}/`
    const make = () => documents(prefix, retries === '0' ? 10_000 : 1_500)
    return {
      store: make(),
      another: make,
      outage: (on) => server.outage(on),
      loseNextAnswer: () => void server.faults.add({ kind: 'drop-after', times: 1, match: writes }),
    }
  })
}

describe('blob', () => {
  it('does not take the refusal of its own repeated put for a conflict', async () => {
    const store = documents('repeated/')
    const created = await store.put('a.json', 'one', { ifMatch: null })
    const ifMatch = created.kind === 'stored' ? created.etag : ''
    const before = server.stats().requests
    server.faults.add({ kind: 'drop-after', times: 1, match: writes })
    await expect(store.put('a.json', 'two', { ifMatch })).rejects.toMatchObject({ code: 'unavailable' })
    expect(server.stats().requests - before, 'the SDK has sent it twice').toBe(2)
    expect(await store.get('a.json')).toMatchObject({ text: 'two' })
  })

  it('gives up on a store that does not answer in time, and sends nothing afterwards', async () => {
    const store = documents('slow/', 300)
    server.faults.add({ kind: 'delay', ms: 1_000, times: 1 })
    await expect(store.get('a.json')).rejects.toMatchObject({ code: 'unavailable' })
    server.outage(true)
    await expect(store.put('a.json', 'x', { ifMatch: null })).rejects.toMatchObject({ code: 'unavailable' })
    const { requests } = server.stats()
    await pause(2_500)
    expect(server.stats().requests).toBe(requests)
  })

  it('reads again when a connection breaks, and needs the API to believe that a blob is absent', async () => {
    const store = documents('reads/')
    await store.put('a.json', 'one', { ifMatch: null })
    server.faults.add({ kind: 'drop-before', times: 2, match: { method: 'GET', path: '/read/' } })
    expect(await store.get('a.json')).toMatchObject({ text: 'one' })
    const wrongly = { kind: 'status', status: 404, code: 'not_found', match: { path: '/read/' } } as const
    server.faults.add({ ...wrongly, times: 1 })
    expect(await store.get('a.json')).toMatchObject({ text: 'one' })
    server.faults.add({ ...wrongly, times: 10 })
    await expect(store.get('a.json')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it("throws 'unavailable' for a token that the store does not know", async () => {
    const { apiUrl, readUrl } = server
    const store = blobDocuments({ token: 'vercel_blob_rw_other_wrong', access: 'private', apiUrl, readUrl })
    await expect(store.get('a.json')).rejects.toMatchObject({ code: 'unavailable' })
    const refusal = await store.put('a.json', 'x', { ifMatch: null }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'unavailable' })
    expect(String(refusal)).not.toContain('wrong')
  })

  it('lists only names that are documents, from many pages', async () => {
    const { put } = await import('@vercel/blob')
    for (const name of ['ok.json', 'not a name', '.hidden']) {
      await put(`mixed/${name}`, 'x', { access: 'private', token: server.token })
    }
    expect(await documents('mixed/').list('')).toEqual(['ok.json'])
  })

  it('refuses a configuration in which reads and writes would go to different places', () => {
    const { token, apiUrl, readUrl } = server
    const configuration = expect.objectContaining({ code: 'configuration' })
    expect(() => blobDocuments({ token, access: 'private', apiUrl })).toThrow(configuration)
    expect(() => blobDocuments({ token, access: 'private' })).toThrow(configuration)
    expect(() => blobDocuments({ token, access: 'private', apiUrl: 'http://127.0.0.1:9', readUrl })).toThrow(
      configuration,
    )
    expect(() => blobDocuments({ token: 'no-token', access: 'private' })).toThrow(configuration)
  })
})
