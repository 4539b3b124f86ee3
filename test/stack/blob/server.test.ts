import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BlobAccessError,
  BlobNotFoundError,
  BlobPreconditionFailedError,
  BlobServiceNotAvailable,
  copy,
  del,
  head,
  list,
  put,
} from '@vercel/blob'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type BlobServer, startBlobServer } from '../../../scripts/stack/blob/server.js'

describe('the Blob server, used by the official SDK', () => {
  let server: BlobServer
  beforeEach(async () => {
    server = await startBlobServer()
    vi.stubEnv('VERCEL_BLOB_API_URL', server.apiUrl)
    vi.stubEnv('BLOB_READ_WRITE_TOKEN', server.token)
    vi.stubEnv('VERCEL_BLOB_RETRIES', '0')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await server.close()
  })

  const access = 'private' as const
  const read = (url: string, headers = {}) =>
    fetch(url, { headers: { authorization: `Bearer ${server.token}`, 'accept-encoding': 'identity', ...headers } })

  it('puts, and refuses to overwrite unless allowed', async () => {
    const first = await put('a/b.json', '{"a":1}', { access, contentType: 'application/json' })
    expect(first).toMatchObject({
      pathname: 'a/b.json',
      contentType: 'application/json',
      url: `${server.readUrl}/a/b.json`,
    })
    await expect(put('a/b.json', 'x', { access })).rejects.toThrow(/already exists/)
    const second = await put('a/b.json', 'y', { access, allowOverwrite: true })
    expect(second.etag).not.toBe(first.etag)
    const suffixed = await put('a/b.json', 'z', { access, addRandomSuffix: true })
    expect(suffixed.pathname).toMatch(/^a\/b-.{10,}\.json$/)
  })

  it('puts under a condition', async () => {
    const first = await put('a.json', 'one', { access })
    const second = await put('a.json', 'two', { access, ifMatch: first.etag })
    await expect(put('a.json', 'three', { access, ifMatch: first.etag })).rejects.toThrow(BlobPreconditionFailedError)
    await expect(put('none.json', 'x', { access, ifMatch: first.etag })).rejects.toThrow(BlobNotFoundError)
    expect(await head('a.json')).toMatchObject({ etag: second.etag, size: 3, pathname: 'a.json' })
  })

  it('answers head by pathname and by URL, and tells what is absent', async () => {
    const { url, etag } = await put('a name/ü.txt', 'text', { access })
    expect((await head(url)).etag).toBe(etag)
    expect((await head('a name/ü.txt')).url).toBe(url)
    await expect(head('absent')).rejects.toThrow(BlobNotFoundError)
    await expect(head('absent', { token: 'vercel_blob_rw_x_y' })).rejects.toThrow(BlobAccessError)
  })

  it('lists in pages by prefix', async () => {
    for (const name of ['p/3', 'p/1', 'q/1', 'p/2']) await put(name, 'x', { access })
    const first = await list({ prefix: 'p/', limit: 2 })
    expect(first).toMatchObject({ hasMore: true, blobs: [{ pathname: 'p/1' }, { pathname: 'p/2' }] })
    const second = await list({ prefix: 'p/', limit: 2, cursor: String(first.cursor) })
    expect(second.blobs.map((blob) => blob.pathname)).toEqual(['p/3'])
    expect(second.hasMore).toBe(false)
    expect((await list()).blobs).toHaveLength(4)
  })

  it('copies, and deletes with and without a condition', async () => {
    const { url, etag } = await put('a.json', 'one', { access })
    const copied = await copy(url, 'b.json', { access })
    expect(copied).toMatchObject({ pathname: 'b.json', etag })
    await expect(del('a.json', { ifMatch: '"other"' })).rejects.toThrow(BlobPreconditionFailedError)
    await del('a.json', { ifMatch: etag })
    await del(['b.json', 'absent'])
    expect((await list()).blobs).toEqual([])
  })

  it('reads with the token only, under If-None-Match, with a weak ETag for a compressed answer', async () => {
    const { url, etag } = await put('a.json', 'one', { access })
    const answer = await read(url)
    expect([answer.status, answer.headers.get('etag'), await answer.text()]).toEqual([200, etag, 'one'])
    expect((await read(url, { 'if-none-match': etag })).status).toBe(304)
    expect((await read(url, { 'accept-encoding': 'gzip' })).headers.get('etag')).toBe(`W/${etag}`)
    expect((await read(`${server.readUrl}/absent`)).status).toBe(404)
    expect((await fetch(url)).status).toBe(403)
  })

  it('fails as it is told to, as often as it is told to', async () => {
    const order = (body: object, path = 'faults') =>
      fetch(new URL(`/__admin/${path}`, server.apiUrl), { method: 'POST', body: JSON.stringify(body) })
    expect((await order({ kind: 'status', status: 503, code: 'service_unavailable', times: 2 })).status).toBe(200)
    await expect(list()).rejects.toThrow(BlobServiceNotAvailable)
    await expect(list()).rejects.toThrow(BlobServiceNotAvailable)
    await order({ kind: 'drop-before', match: { method: 'PUT' } })
    await expect(put('a.json', 'x', { access })).rejects.toThrow()
    await expect(head('a.json')).rejects.toThrow(BlobNotFoundError)
    await order({ kind: 'drop-after' })
    await expect(put('a.json', 'x', { access })).rejects.toThrow()
    expect((await head('a.json')).size).toBe(1)
    await order({ kind: 'delay', ms: 20 })
    expect((await head('a.json')).size).toBe(1)
    await order({ on: true }, 'outage')
    await expect(head('a.json')).rejects.toThrow()
    await order({ on: false }, 'outage')
    expect((await head('a.json')).size).toBe(1)
    expect((await order({ kind: 'unheard-of' })).status).toBe(400)
    expect(server.stats()).toMatchObject({ faulted: 6, blobs: 1 })
  })
})

describe('the Blob server, restarted', () => {
  it('has the blobs that it acknowledged', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'blobs-'))
    const first = await startBlobServer({ dataDir })
    vi.stubEnv('VERCEL_BLOB_API_URL', first.apiUrl)
    const { token } = first
    const { etag } = await put('a/ü.json', 'one', { access: 'private', token })
    await put('b.json', 'two', { access: 'private', token })
    await del('b.json', { token })
    await first.close()
    const second = await startBlobServer({ dataDir, port: Number(new URL(first.apiUrl).port) })
    expect(await head('a/ü.json', { token })).toMatchObject({ etag })
    expect((await list({ token })).blobs).toHaveLength(1)
    await second.close()
    vi.unstubAllEnvs()
    await rm(dataDir, { recursive: true })
  })
})
