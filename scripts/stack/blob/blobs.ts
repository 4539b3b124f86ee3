import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Blob {
  pathname: string
  contentType: string
  cacheControl: string
  uploadedAt: string
  etag: string
  bytes: Buffer
}

export interface Blobs {
  get(pathname: string): Blob | undefined
  put(blob: Omit<Blob, 'etag' | 'uploadedAt'>): Blob
  delete(pathname: string): void
  /** All pathnames, in order. */
  names(): string[]
}

/**
 * The blobs of one store: a Map, and one JSON file for each blob, written before the write is acknowledged. The server
 * is the only process that writes the folder, and nothing here waits, so every condition is checked and acted on as one.
 */
export function openBlobs(dataDir: string | undefined): Blobs {
  const blobs = new Map<string, Blob>()
  if (dataDir !== undefined) for (const blob of load(dataDir)) blobs.set(blob.pathname, blob)
  return {
    get: (pathname) => blobs.get(pathname),
    put(given) {
      const etag = `"${createHash('md5').update(given.bytes).digest('hex')}"`
      const blob = { ...given, etag, uploadedAt: new Date().toISOString() }
      if (dataDir !== undefined) save(dataDir, blob)
      blobs.set(blob.pathname, blob)
      return blob
    },
    delete(pathname) {
      if (dataDir !== undefined) rmSync(fileOf(dataDir, pathname), { force: true })
      blobs.delete(pathname)
    },
    names: () => [...blobs.keys()].sort(),
  }
}

function load(dataDir: string): Blob[] {
  mkdirSync(dataDir, { recursive: true })
  return readdirSync(dataDir)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const { base64, ...blob } = JSON.parse(readFileSync(join(dataDir, name), 'utf8')) as Blob & { base64: string }
      return { ...blob, bytes: Buffer.from(base64, 'base64') }
    })
}

function save(dataDir: string, { bytes, ...blob }: Blob): void {
  const path = fileOf(dataDir, blob.pathname)
  writeFileSync(`${path}.tmp`, JSON.stringify({ ...blob, base64: bytes.toString('base64') }))
  renameSync(`${path}.tmp`, path)
}

/** Pathnames may hold any character and be long; file names may not. */
function fileOf(dataDir: string, pathname: string): string {
  return join(dataDir, `${createHash('sha256').update(pathname).digest('hex').slice(0, 32)}.json`)
}
