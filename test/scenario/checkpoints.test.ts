import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../../lib/cli/cli.js'
import { commands } from '../../lib/commands/index.js'
import { reachStage } from './reach-stage.js'
import { type RunningApp, runApp } from './running-app.js'

/**
 * Checkpoints as an operator meets them, on the local stack: what is healthy passes, each injected fault is a breach of
 * the kinds that should find it and of no other, and the source is not given up without proof.
 */
const ADMIN = 'admin-token-of-this-test'
const CRON = 'cron-secret-of-this-test'
const RECORDS = 60
const EVERY = { kinds: ['data-consistency', 'full-consistency', 'api-compatibility', 'zero-loss'], sampleSize: 1_000 }

type Answer = { [member: string]: unknown }
interface Shown {
  outcome: string | null
  checkpoints: { kind: string; outcome: string | null; says: string; numbers: { [name: string]: unknown } }[]
}

let running: RunningApp

beforeAll(async () => {
  const records = Array.from({ length: RECORDS }, (_, n) => [idOf(n), { name: `project ${n}`, n }])
  running = await runApp(
    { 'projects.json': JSON.stringify(Object.fromEntries(records)), 'resources.json': '{}' },
    {
      CUTOVER_ADMIN_TOKEN: ADMIN,
      CRON_SECRET: CRON,
      CUTOVER_COMPARE_SHARE: '1',
      CUTOVER_RECORD_SHARE: '1',
      CUTOVER_METER_FLUSH_MS: '100',
      CUTOVER_METRICS_BUCKET_MS: '100',
      MCP_ENABLE_AUTO_ROLLBACK: 'false',
    },
  )
  await reachStage(running.wired, 'live')
}, 60_000)

afterAll(() => running.close())

describe('checkpoints over the local stack', { timeout: 90_000 }, () => {
  it('pass where all is well, with the requests of real traffic among what was asked', async () => {
    for (let n = 0; n < 40; n++) expect((await read(idOf(n))).status).toBe(200)
    expect((await read('nobody')).status).toBe(404)
    await running.wired.drained()
    const { checkpoints, outcome } = await validated({ ...EVERY, phase: 'reads' })
    expect(checkpoints.map((one) => [one.kind, one.outcome])).toEqual(EVERY.kinds.map((kind) => [kind, 'pass']))
    expect(outcome).toBe('pass')
    expect(checkpoints[0]?.says).toContain(`Sampled ${RECORDS} of ${RECORDS}, none differ: at most 0 (0 %) differ`)
    expect(checkpoints[2]?.numbers.recorded).toBe(41)
    const { body: listed } = await operate('GET', '/checkpoints?component=projects&outcome=pass&phase=reads&limit=2')
    expect(listed).toMatchObject({
      items: [{ kind: 'zero-loss' }, { kind: 'api-compatibility' }],
      next: expect.any(String),
    })
  })

  it('are waited for on the command line, whose exit code tells', async () => {
    const written: string[] = []
    const stream = { write: (text: string) => void written.push(text), isTTY: false }
    const args = ['validate-component', 'projects', '--reason', 'by hand', '--wait', '--json']
    const code = await runCli(args, {
      commands,
      env: { CUTOVER_URL: running.url, CUTOVER_ADMIN_TOKEN: ADMIN },
      terminal: { out: stream, err: stream, interactive: false, ask: async () => '' } as never,
      clock: { monotonic: () => performance.now(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
      fetch,
      readFile: async () => '',
      version: '0',
    })
    expect([code, written.join('')]).toEqual([0, expect.stringContaining('"outcome":"pass"')])
  })

  it.each([
    ['a value that is gone', ['DEL', `projects:${idOf(7)}`], EVERY.kinds],
    ['a listing that leaves one out', ['ZREM', 'projects', idOf(9)], ['api-compatibility']],
  ])('are a breach for %s', async (_, harm, found) => {
    const { result: saved } = await redis(['GET', harm[1] ?? ''].slice(0, harm[0] === 'DEL' ? 2 : 0))
    await redis(harm)
    try {
      const { checkpoints } = await validated(EVERY)
      const breached = checkpoints.filter(({ outcome }) => outcome !== 'pass').map(({ kind }) => kind)
      expect(breached).toEqual(found)
      expect(JSON.stringify(checkpoints)).not.toContain('project 7')
    } finally {
      await redis(harm[0] === 'DEL' ? ['SET', harm[1] ?? '', String(saved)] : ['ZADD', 'projects', '0', idOf(9)])
    }
    const again = await validated({ kinds: ['data-consistency', 'api-compatibility'] })
    expect([again.outcome, again.checkpoints]).toEqual(['pass', expect.anything()])
  })

  it('are a breach for a path that has become slow', async () => {
    running.stack.redis.faults.add({ match: { keyPrefix: 'projects:' }, fault: 'delay', delayMs: 150 })
    for (let round = 0; round < 4; round++) {
      await Promise.all(Array.from({ length: 40 }, (_, n) => read(idOf(n))))
      await running.wired.drained()
    }
    running.stack.redis.faults.clear()
    await running.wired.drained()
    const asked = { kinds: ['performance'], metric: 'p50', minPairs: 20, minutes: 5, limitPercent: 100 }
    const { checkpoints } = await validated(asked)
    expect(checkpoints).toMatchObject([{ outcome: 'breach' }])
    expect(Number(checkpoints[0]?.numbers.pairs)).toBeGreaterThanOrEqual(40)
  })

  it('stand before the source is given up', async () => {
    const advance = (more = {}) => operate('POST', '/collections/projects/advance', { reason: 'r', ...more })
    expect((await advance()).body).toMatchObject({ kind: 'moved', to: 'rampdown' })
    const refused = await advance({ to: 'complete' })
    expect([refused.status, refused.body]).toMatchObject([409, { kind: 'refused', reason: 'zero-loss-not-proved' }])
    const flag = await operate('PUT', '/flags/migration_mode', { value: 'redis', reason: 'r' })
    expect([flag.status, flag.body]).toMatchObject([409, { kind: 'refused', reason: 'zero-loss-not-proved' }])
    expect((await validated({ kinds: ['zero-loss'] })).outcome).toBe('pass')
    expect((await advance()).body).toMatchObject({ kind: 'moved', to: 'complete' })
  })
})

function idOf(n: number): string {
  return `p${String(n).padStart(3, '0')}`
}

function read(id: string): Promise<Response> {
  return fetch(`${running.url}/api/v1/projects/${id}?access=unseen`)
}

async function operate(method: string, path: string, body?: object): Promise<{ status: number; body: Answer }> {
  const response = await fetch(`${running.url}/api/migration${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Answer }
}

/** Asked, and waited for. */
async function validated(body: object): Promise<Shown> {
  const asked = await operate('POST', '/validation/projects', { reason: 'a test', throttle: false, ...body })
  expect([asked.status, asked.body]).toEqual([200, expect.objectContaining({ checkId: expect.any(String) })])
  const shown = async () => (await operate('GET', `/checkpoints/${String(asked.body.checkId)}`)).body
  await expect.poll(async () => (await shown()).outcome, { timeout: 60_000, interval: 100 }).not.toBeNull()
  const run = async () => (await operate('GET', `/runs/${String(asked.body.runId)}`)).body.status
  await expect.poll(run, { timeout: 20_000, interval: 50 }).not.toBe('running')
  return (await shown()) as unknown as Shown
}

async function redis(command: string[]): Promise<{ result: unknown }> {
  if (command.length === 0) return { result: null }
  const { url, token } = running.stack.redis
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(command) })
  return (await answer.json()) as { result: unknown }
}
