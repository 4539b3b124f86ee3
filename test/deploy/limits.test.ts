import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Launched } from '../../scripts/build/launch.js'
import { deployed, ended, type Surroundings, surroundings } from './world.js'

/** Vercel's builder takes some 15 seconds on a quiet machine; later runs take its output from the cache. */
const BUILD_MS_MAX = 180_000

let around: Surroundings
let folder: string
const open: Launched[] = []

beforeAll(async () => {
  around = await surroundings()
  folder = await realpath(await mkdtemp(join(tmpdir(), 'cutover-source-')))
})

afterAll(async () => {
  for (const launched of open) await launched.close()
  await around?.close()
  await rm(folder, { recursive: true, force: true })
})

async function start(options: Parameters<typeof deployed>[0]): ReturnType<typeof deployed> {
  const started = await deployed(options)
  open.push(started.launched)
  return started
}

it(
  'a run that is longer than an invocation ends each before the deadline and goes on by the next message',
  async () => {
    const { launched, ask, operate } = await start({ env: around.env, deadlineMs: 4_000 })
    const names = Array.from({ length: 120 }, (_, number) => `r${number}`)
    const write = { method: 'PUT', body: { projectId: 'p', name: 'Resource' } }
    for (const name of names) expect((await ask(`/api/v1/resources/${name}`, write)).status).toBe(201)
    await operate('resources/advance', { reason: 'test', to: 'shadow' })
    const { runId } = await operate('resources/backfill', { reason: 'test', recordsPerSecondMax: 25 })
    expect(await ended(ask, runId)).toMatchObject({ status: 'succeeded', progress: { done: names.length } })

    const deliveries = () => launched.invocations.filter(({ name }) => name === 'work')
    // The last of them ends a moment after the run: it has yet to write what it has measured.
    await expect.poll(() => deliveries().length, { timeout: 5_000 }).toBeGreaterThanOrEqual(2)
    for (const { status, deadline, endedAt } of deliveries()) {
      expect(status).toBe(200)
      expect(endedAt).toBeLessThan(deadline)
    }
  },
  BUILD_MS_MAX,
)

it(
  'documents in files are written in their folder and nowhere else',
  async () => {
    const { BLOB_READ_WRITE_TOKEN: _, ...env } = around.env
    const files = { ...env, CUTOVER_SOURCE_DIR: folder, CUTOVER_REDIS_PREFIX: 'files:' }
    const write = { method: 'PUT', body: { name: 'One' } }

    const closed = await start({ env: files })
    const refused = await closed.ask('/api/v1/projects/p', write)
    expect(refused.status).toBe(503)
    expect(await readdir(folder)).toEqual([])

    const opened = await start({ env: files, writable: folder })
    expect((await opened.ask('/api/v1/projects/p', write)).status).toBe(201)
    expect((await opened.ask('/api/v1/projects/p')).json()).toEqual({ id: 'p', name: 'One' })
    expect(opened.launched.log()).not.toContain('ERR_ACCESS_DENIED')
  },
  BUILD_MS_MAX,
)

it(
  'an environment that is not complete is one clear error in the log, and no function answers',
  async () => {
    const { launched, ask } = await start({ env: { QSTASH_TOKEN: 'x' } })
    expect((await ask('/api/v1/projects')).status).toBe(500)
    expect(launched.log()).toContain('UPSTASH_REDIS_REST_URL or KV_REST_API_URL is missing.')
    expect(launched.log()).toContain('QSTASH_CURRENT_SIGNING_KEY is missing.')
  },
  BUILD_MS_MAX,
)
