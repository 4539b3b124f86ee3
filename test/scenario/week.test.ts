import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningApp, runApp } from './running-app.js'

/** The default plan, seven days in some seconds, over the local stack: real queue, real ticks, real traffic. */
const ADMIN = 'admin-token-of-this-test'
const CRON = 'cron-secret-of-this-test'
const RECORDS = 40
/** A week in about ten seconds. */
const TIME_SCALE = 60_000

describe('the week, by the autopilot', () => {
  let running: RunningApp
  let url: string
  let dir: string

  beforeAll(async () => {
    const documents: { [name: string]: string } = {}
    for (const name of ['projects', 'resources']) {
      const records = Array.from({ length: RECORDS }, (_, n) => [
        `${name}/${n}`,
        { name: `${name} ${n}`, projectId: 'projects/1', n: 0 },
      ])
      documents[`${name}.json`] = JSON.stringify(Object.fromEntries(records))
    }
    running = await runApp(documents, {
      CUTOVER_ADMIN_TOKEN: ADMIN,
      CRON_SECRET: CRON,
      CUTOVER_COMPARE_SHARE: '1',
      CUTOVER_METER_FLUSH_MS: '100',
      CUTOVER_METRICS_BUCKET_MS: '50',
    })
    ;({ url, dir } = running)
  })
  afterAll(() => running.close())

  async function operate(method: string, path: string, body?: object): Promise<{ [member: string]: unknown }> {
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
    const response = await fetch(`${url}/api/migration${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    expect(response.status, await response.clone().text()).toBe(200)
    return (await response.json()) as { [member: string]: unknown }
  }

  test('takes both collections from off to cleaned up under traffic, and loses nothing', {
    timeout: 120_000,
  }, async () => {
    // A machine that is busy with other tests is slow, and would turn the plan back.
    for (const rule of ['latency', 'regression']) await operate('POST', `/rules/${rule}/disarm`, { reason: 'a test' })
    await operate('POST', '/plans', { timeScale: TIME_SCALE, minSamples: 10, minOperations: 10, reason: 'rehearsal' })
    const counts = new Map<string, number>()
    let over = false
    const traffic = (async () => {
      for (let round = 0; !over; round++) {
        const path = `${url}/api/v1/${round % 2 === 0 ? 'projects' : 'resources'}/${encodeURIComponent(`${round % 2 === 0 ? 'projects' : 'resources'}/${round % 7}`)}`
        const read = await fetch(path)
        expect(read.status).toBe(200)
        const { n } = (await read.json()) as { n: number }
        expect(n).toBe(counts.get(path) ?? 0)
        const written = await fetch(path, {
          method: 'PATCH',
          headers: { 'content-type': 'application/merge-patch+json' },
          body: JSON.stringify({ n: n + 1 }),
        })
        expect(written.status).toBe(200)
        counts.set(path, n + 1)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    const seen = new Set<string>()
    let status = 'running'
    const until = Date.now() + 100_000
    while (status === 'running' && Date.now() < until) {
      const tick = await fetch(`${url}/api/cron/tick`, { headers: { authorization: `Bearer ${CRON}` } })
      expect(tick.status).toBe(200)
      const plan = await operate('GET', '/plans/the-week')
      seen.add(String(plan.step))
      status = String(plan.status)
      if (plan.step === 'clean-up') break // its quiet time is real
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    over = true
    await traffic
    const plan = await operate('GET', '/plans/the-week')
    expect([...seen], JSON.stringify(plan, null, 1)).toContain('clean-up')
    expect([...seen]).toEqual(
      expect.arrayContaining(['dual-write', 'copy', 'shadow', 'reads-10', 'reads-100', 'zero-loss', 'cutover']),
    )
    for (const [path, n] of counts) expect(((await (await fetch(path)).json()) as { n: number }).n).toBe(n)
    const audit = await operate('GET', '/audit?limit=500')
    expect(
      (audit.items as { action: string }[]).filter(({ action }) => action.startsWith('plan-') || action === 'step-left')
        .length,
    ).toBeGreaterThan(0)
    const exported = JSON.parse(await readFile(join(dir, 'exports', 'projects.json'), 'utf8'))
    expect(Object.keys(exported)).toHaveLength(RECORDS)
  })
})
