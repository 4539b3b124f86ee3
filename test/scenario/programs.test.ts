import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FlagClient, flagClient } from '../../lib/engine/flags/client.js'
import { workProgram } from '../../lib/engine/programs/turn.js'
import { fiveParts, type PartOfSystem } from './programs-parts.js'
import { type RunningApp, runApp } from './running-app.js'

/**
 * The five example phases over the local stack: real flags, real metrics, real queue and ticks, and each of the five
 * parts in a legacy and a new form that the flags choose between, call by call.
 */
const ADMIN = 'admin-token-of-this-test'
const CRON = 'cron-secret-of-this-test'
/** An hour's soak in a tenth of a second. */
const TIME_SCALE = 36_000
const SUBJECTS = 2_000
/** Of each way, in a round. */
const CALLS = 10

interface Shown {
  status: string
  because: string | null
  phases: { name: string; status: string; because: string | null; attempt: number; waitsFor: string[] }[]
}

describe('the five phases', () => {
  let running: RunningApp
  let parts: PartOfSystem[]
  let closeParts: () => Promise<void>
  let flags: FlagClient
  const faults = new Set(['search'])
  let calls = 0
  let rounds = 0
  /** Calls that failed, by component and path. */
  const failures = new Map<string, number>()

  beforeAll(async () => {
    const records = Array.from({ length: 10 }, (_, n) => [
      `projects/${n}`,
      { name: `Project ${n}`, text: `some words and word${n} and word${(n + 1) % 10}` },
    ])
    running = await runApp(
      { 'projects.json': JSON.stringify(Object.fromEntries(records)), 'resources.json': '{}' },
      {
        CUTOVER_ADMIN_TOKEN: ADMIN,
        CRON_SECRET: CRON,
        CUTOVER_METER_FLUSH_MS: '50',
        CUTOVER_METRICS_BUCKET_MS: '200',
      },
    )
    flags = flagClient(running.wired, { freshMs: 0 })
    const five = await fiveParts(running.wired.dataPlane, running.dir, faults)
    parts = five.parts
    closeParts = five.close
  })
  afterAll(async () => {
    await closeParts()
    await running.close()
  })

  async function operate<T>(method: string, path: string, body?: object): Promise<T> {
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
    const response = await fetch(`${running.url}/api/migration${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    expect(response.status, await response.clone().text()).toBe(200)
    return (await response.json()) as T
  }

  /** One call of a part for one of its users, by the way that the flag says, measured as that way. */
  async function use(part: PartOfSystem, path: 'legacy' | 'new'): Promise<void> {
    const call = calls++
    const began = performance.now()
    let failed = false
    try {
      const answer = await part[path](call)
      if (path === 'new') expect(answer).toBe(await part.legacy(call))
    } catch {
      failed = true
      failures.set(`${part.component} ${path}`, (failures.get(`${part.component} ${path}`) ?? 0) + 1)
    }
    const { metrics } = running.wired
    const cell = metrics?.cell({ component: part.component, path, operation: 'call' })
    if (cell !== undefined) metrics?.operation(cell, performance.now() - began, failed)
  }

  /** Users come to every part that is at work: more than a few of a kind tell nothing new. */
  async function round(program: Shown): Promise<Shown> {
    await flags.refresh()
    const atWork = new Set(program.phases.filter(({ status }) => status === 'running').map(({ name }) => name))
    for (const part of parts.filter(({ component }) => atWork.has(component))) {
      const left = { legacy: CALLS, new: CALLS }
      for (let subject = 0; subject < SUBJECTS; subject++) {
        const subjectKey = { key: `user-${subject}` }
        const path = flags.choose(part.flag, subjectKey, { legacy: 'legacy', new: 'new' } as const)
        if (left[path]-- > 0) await use(part, path)
      }
    }
    await running.wired.metrics?.flush()
    // As the queue delivers it; the cron comes more seldom, and looks after all the rest too.
    await workProgram(await running.wired.control(), { program: 'five-phases' }, running.wired.deadlineAt())
    rounds += 1
    if (rounds % 8 === 0) {
      const tick = await fetch(`${running.url}/api/cron/tick`, { headers: { authorization: `Bearer ${CRON}` } })
      expect(tick.status).toBe(200)
    }
    return operate<Shown>('GET', '/programs/five-phases')
  }

  async function until(statuses: readonly string[]): Promise<Shown> {
    let program = await operate<Shown>('GET', '/programs/five-phases')
    const end = Date.now() + 150_000
    while (!statuses.includes(program.status) && Date.now() < end) program = await round(program)
    return program
  }

  const stands = ({ phases }: Shown) => Object.fromEntries(phases.map(({ name, status }) => [name, status]))
  const shares = async () =>
    Object.fromEntries(
      (await operate<{ name: string; rolloutPercent: number }[]>('GET', '/components'))
        .filter(({ name }) => parts.some(({ component }) => component === name))
        .map(({ name, rolloutPercent }) => [name, rolloutPercent]),
    )

  test('go from one percent to all on evidence; a faulty one turns back by itself, is mended and retried', {
    timeout: 300_000,
  }, async () => {
    await operate('POST', '/programs', {
      example: 'five-phases',
      timeScale: TIME_SCALE,
      minOperations: 4,
      reason: 'rehearsal',
    })
    const stopped = await until(['failed', 'finished'])
    expect(stands(stopped), JSON.stringify(stopped, null, 1)).toEqual({
      utilities: 'finished',
      search: 'turned-back',
      'error-handling': 'finished',
      repository: 'finished',
      websocket: 'finished',
    })
    expect(stopped).toMatchObject({ status: 'failed', because: 'search is turned-back' })
    expect(stopped.phases.find(({ name }) => name === 'search')?.because).toContain('fail')
    expect(await shares()).toEqual({
      utilities: 100,
      search: 0,
      'error-handling': 100,
      repository: 100,
      websocket: 100,
    })
    expect([...failures.keys()]).toEqual(['search new'])

    faults.clear()
    failures.clear()
    for (const { id, status } of (await operate<{ items: { id: string; status: string }[] }>('GET', '/alerts')).items)
      if (status === 'open') await operate('POST', `/alerts/${id}/acknowledge`, { reason: 'it is being mended' })
    await operate('POST', '/programs/five-phases/phases/search/retry', { reason: 'the index is locked while written' })
    const finished = await until(['failed', 'finished'])
    expect(finished.status, JSON.stringify(finished, null, 1)).toBe('finished')
    expect(finished.phases.find(({ name }) => name === 'search')).toMatchObject({ status: 'finished', attempt: 2 })
    expect(Object.values(await shares())).toEqual([100, 100, 100, 100, 100])
    expect(failures.size).toBe(0)

    const { ledger } = await running.wired.control()
    const { items } = await ledger.entries('state/component', { limit: 500 })
    const moves = items.map(({ value }) => value as { component: string; what: string; from: number; to: number })
    for (const { component } of parts) {
      const own = moves.filter((move) => move.component === component && move.what === 'rollout').map(({ to }) => to)
      expect(own.slice(-6)).toEqual([1, 5, 10, 25, 50, 100])
      expect(own[0]).toBe(1)
    }
  })
})
