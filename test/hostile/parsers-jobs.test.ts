import fc from 'fast-check'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { workRun } from '../../lib/engine/runs/work.js'
import { createApp } from '../../lib/http/app.js'
import { jobRoutes } from '../../lib/http/jobs.js'
import { begin, fill, world } from '../engine/runs/world.js'
import { KeptLog } from '../http/harness.js'
import { BASE } from './deployment.js'
import { mutatedBytes, mutatedJson } from './json.js'
import { expectUnpolluted } from './judge.js'
import { holdsAsync } from './law.js'
import { expectProblem, isProblem, seen } from './problems.js'

test('deliveries that the queue has signed: worked on, told never to come again, or refused; never a fault', async () => {
  const at = world()
  await fill(at, 5)
  const run = await begin(at)
  const taken: unknown[] = []
  const log = new KeptLog()
  const jobs = jobRoutes({
    verify: async () => ({ kind: 'genuine' }),
    workRun: (message) => {
      taken.push(message)
      return workRun(at.context, message, at.clock.now() + 10_000)
    },
    tick: async () => ({}),
  })
  const health = async () => ({ healthy: true, issues: [] })
  const app = new Hono().route('/', createApp({ jobs, health, clock: at.clock, log }))
  const sound = fc.constantFrom({ runId: run.id, step: 1 }, { runId: run.id, step: 99 }, { runId: 'none', step: 1 })
  await holdsAsync(mutatedBytes(mutatedJson(sound)), 600, async (body) => {
    const answer = await seen(await app.request(`${BASE}/api/jobs/run`, { method: 'POST', body }))
    if (isProblem(answer)) expectProblem(answer)
    else expect([200, 489]).toContain(answer.status)
    expect(answer.headers.get('upstash-nonretryable-error')).toBe(answer.status === 489 ? 'true' : null)
  })
  for (const message of taken) {
    expect(message).toEqual({ runId: expect.stringMatching(/^.{1,100}$/su), step: expect.any(Number) })
    expect((message as { step: number }).step).toBeGreaterThan(0)
  }
  expect(taken.length).toBeGreaterThan(20)
  expect(log.entries.filter(({ level }) => level === 'error')).toEqual([])
  expectUnpolluted()
})
