import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
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

  test('stops while clients go on asking over connections that are kept', { timeout: 60_000 }, async () => {
    const port = await freePort()
    child = await start(dir, port)
    const asking = { going: true, answered: 0, failed: 0 }
    const clients = Array.from({ length: 4 }, async () => {
      while (asking.going) {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/projects/a`).catch(() => null)
        await answer?.text().catch(() => '')
        asking.answered += 1
        if (answer === null) {
          asking.failed += 1
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      }
    })
    try {
      await expect.poll(() => asking.answered, { timeout: 10_000 }).toBeGreaterThan(20)
      await stop(child)
      expect(child.exitCode).toBe(0)
      await expect.poll(() => asking.failed, { timeout: 10_000 }).toBeGreaterThan(0)
    } finally {
      asking.going = false
      await Promise.all(clients)
    }
  })

  test('says in a sentence why it does not start, and leaves nothing running', { timeout: 60_000 }, async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    expect(await failure(dir, String(port))).toMatch(/^The local stack did not start\. .*EADDRINUSE[^\n]*\n$/)
    taken.close()
    expect(await failure(dir, 'http')).toMatch(/^PORT [^\n]*\n$/)
    await writeFile(join(dir, 'secrets.json'), '{"CUTOVER_ADMIN_TOKEN":""}')
    expect(await failure(dir, String(port))).toMatch(/secrets\.json is damaged/)
  })
})

/** What is written to standard error by a start that fails. */
async function failure(dataDir: string, port: string): Promise<string> {
  const env = { ...process.env, PORT: port, CUTOVER_DATA_DIR: dataDir, CUTOVER_LOG: 'silent' }
  const failing = spawn(process.execPath, ['--import', 'tsx', 'scripts/start.ts', '--redis', 'embedded'], { env })
  const text = failing.stderr.toArray()
  const [code] = await once(failing, 'exit')
  expect(code).toBeGreaterThan(0)
  return Buffer.concat(await text).toString()
}

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
