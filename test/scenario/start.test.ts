import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

describe('the local stack', () => {
  let dir: string
  let child: ChildProcess | undefined

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cutover-start-'))
  })
  afterEach(async () => {
    if (child !== undefined) await stop(child)
    await rm(dir, { recursive: true, force: true })
  })

  test('has its records, stages and runs again after a restart', { timeout: 60_000 }, async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    child = await start(dir, port)
    const token = JSON.parse(await readFile(join(dir, 'secrets.json'), 'utf8')).CUTOVER_ADMIN_TOKEN as string
    const operate = (path: string, body?: object): Promise<Response> =>
      fetch(`${url}/api/migration${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    const put = await fetch(`${url}/api/v1/projects/a`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'kept' }),
    })
    expect(put.status).toBe(201)
    for (let step = 0; step < 2; step++) await operate('/collections/projects/advance', { reason: 'a test' })
    const { runId } = (await (await operate('/collections/projects/backfill', {})).json()) as { runId: string }
    await expect
      .poll(async () => (await (await operate(`/runs/${runId}`)).json()).status, { timeout: 10_000 })
      .toBe('succeeded')
    await operate('/collections/projects/advance', { reason: 'a test' })
    await stop(child)

    child = await start(dir, port)
    const read = await fetch(`${url}/api/v1/projects/a`)
    expect(read.headers.get('cutover-stage')).toBe('live')
    expect(read.headers.get('cutover-served-by')).toBe('target')
    expect(await read.json()).toEqual({ id: 'a', name: 'kept' })
    expect(read.headers.get('etag')).toBe(put.headers.get('etag'))
    expect((await (await operate(`/runs/${runId}`)).json()).status).toBe('succeeded')
  })
})

async function start(dataDir: string, port: number): Promise<ChildProcess> {
  const env = { ...process.env, PORT: String(port), CUTOVER_DATA_DIR: dataDir, CUTOVER_LOG: 'silent' }
  const started = spawn(process.execPath, ['--import', 'tsx', 'scripts/start.ts', '--redis', 'embedded'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const chunk of started.stdout) {
    text += chunk
    if (text.includes('Stop it with')) return started
  }
  throw new Error(`The stack did not start: ${text}`)
}

async function stop(started: ChildProcess): Promise<void> {
  if (started.exitCode !== null || started.signalCode !== null) return
  const ended = once(started, 'exit')
  started.kill('SIGTERM')
  await ended
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
