import { afterAll, beforeAll, vi } from 'vitest'
import { blobDocuments } from '../../../lib/drivers/documents/blob.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import { type BlobServer, startBlobServer } from '../../../scripts/stack/blob/server.js'
import { describeSource } from '../../contract/source.js'
import { realClock } from '../../contract/stores.js'

let server: BlobServer
let sources = 0

beforeAll(async () => {
  vi.stubEnv('VERCEL_BLOB_RETRIES', '0')
  server = await startBlobServer()
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.close()
  delete process.env.VERCEL_BLOB_API_URL
})

describeSource('A source in a blob', async () => {
  sources += 1
  const prefix = `source-${sources}/`
  const open = () => {
    const { token, apiUrl, readUrl } = server
    const documents = blobDocuments({ token, access: 'private', prefix, apiUrl, readUrl })
    return documentSource({ documents, name: 'items.json', collection: 'items', clock: realClock })
  }
  return {
    source: open(),
    another: open,
    outage: (on) => server.outage(on),
    loseNextAnswer: () =>
      void server.faults.add({ kind: 'drop-after', times: 1, match: { method: 'PUT', path: '/api/blob' } }),
    close: () => {
      server.outage(false)
      server.faults.clear()
    },
  }
})
