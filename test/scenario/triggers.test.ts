import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_RULES } from '../../lib/core/monitor/default-rules.js'
import { type Driven, idOf, openDriven, toLive, until } from './triggers-parts.js'

/**
 * Each default trigger, on the local stack: healthy traffic, a fault, the breach, the rollback to its end, and every
 * acknowledged write still there. Windows are seconds where an operator's are minutes; nothing else differs from the
 * shipped rule but the confidence, for a few seconds hold few operations.
 */
const WINDOW_MINUTES = 4 / 60
const VALUES = { keyPrefix: 'projects:' }

interface Trigger {
  rule: string
  inject: (at: Driven) => Promise<(() => void) | undefined>
  more?: object
}

const TRIGGERS: Trigger[] = [
  {
    rule: 'error-rate',
    inject: fault({ fault: 'status', status: 500, probability: 0.5 }),
  },
  { rule: 'latency', inject: fault({ fault: 'delay', delayMs: 900 }), more: { confidence: 0.99, minimumSample: 20 } },
  // A busy machine makes reads of either path slower by what is no fault of the target.
  { rule: 'regression', inject: fault({ fault: 'delay', delayMs: 400 }), more: { leastDifference: 100 } },
  { rule: 'mismatches', inject: corrupt, more: { threshold: 0.02 } },
  { rule: 'memory', inject: fillMemory },
  { rule: 'dropped-connections', inject: dropConnections },
]

describe('every default trigger, from healthy traffic to a completed rollback', () => {
  let at: Driven
  let healedAt = 0
  beforeAll(async () => {
    // What is resident now is half of what a function has.
    const functionMb = Math.ceil((2 * process.memoryUsage.rss()) / 2 ** 20) + 200
    at = await openDriven({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(functionMb) })
    for (const { name } of DEFAULT_RULES)
      for (const component of ['projects', 'resources'])
        await at.operate('POST', `/rules/${name}/disarm`, { component, reason: 'one at a time' })
  }, 60_000)
  afterAll(() => at.close())

  it('is every one', () => {
    const collections = DEFAULT_RULES.filter(({ kind }) => kind !== 'flag').map(({ name }) => name)
    expect(TRIGGERS.map(({ rule }) => rule).sort()).toEqual(collections.sort())
  })

  // A machine that is too busy is slow before anything is injected: then it is tried again.
  it.each(TRIGGERS)('$rule', { timeout: 150_000, retry: 2 }, async (trigger) => {
    await toLive(at)
    // Nothing of the trigger before is within a window any more.
    await new Promise((resolve) => setTimeout(resolve, healedAt + 60_000 * WINDOW_MINUTES - Date.now()))
    await arm(at, trigger)
    const traffic = at.traffic()
    const standing = () => standingOf(at, trigger.rule)
    let heal: (() => void) | undefined
    try {
      await until('healthy traffic', 40_000, async () => {
        await at.tick()
        const now = await standing()
        expect([await stageOf(at), now]).toEqual(['live', now])
        return isHealthy(now)
      })
      heal = await trigger.inject(at)
      await until('a completed rollback', 60_000, async () => {
        await at.tick()
        return (await standing()).action?.status === 'done'
      })
    } finally {
      heal?.()
      await traffic.stop()
      at.running.stack.redis.faults.clear()
      await at.operate('POST', `/rules/${trigger.rule}/disarm`, { component: 'projects', reason: 'done' })
      await at.tick()
      healedAt = Date.now()
    }
    expect(await stageOf(at)).toBe('dualwrite')
    await expectExplained(at, trigger.rule)
    expect(await at.lostWrites()).toEqual([])
    expect(at.acknowledged()).toBeGreaterThan(5)
  })
})

/** It passes; or, on a machine too busy for as many operations as that takes, dozens were good on the whole. */
function isHealthy({ outcome, numbers }: RuleStanding): boolean {
  const { value, threshold, sample } = numbers
  return outcome === 'pass' || (outcome !== 'breach' && Number(sample) >= 40 && Number(value) <= Number(threshold))
}

interface RuleStanding {
  rule: string
  outcome: string | null
  numbers: { value?: unknown; threshold?: unknown; sample?: unknown }
  action: { status: string } | null
}

/** The shipped rule over seconds. */
async function arm(at: Driven, { rule, more }: Trigger): Promise<void> {
  const shipped = DEFAULT_RULES.find(({ name }) => name === rule)
  if (shipped === undefined) throw new Error(`no rule ${rule}`)
  const { name, ...members } = shipped
  const own = { component: 'projects', kind: null, windowMinutes: WINDOW_MINUTES, confidence: 0.9, coolDownMinutes: 0 }
  await at.operate('PUT', `/rules/${name}`, { ...members, ...own, ...more, armed: true, reason: 'a test' })
}

async function expectExplained(at: Driven, rule: string): Promise<void> {
  const { items } = (await at.operate('GET', `/decisions?component=projects&rule=${rule}&event=breached`)) as {
    items: { id: string }[]
  }
  expect(items.length).toBeGreaterThanOrEqual(1)
  const id = items[0]?.id ?? ''
  const told = await at.operate('GET', `/decisions/${id}`)
  expect(told).toMatchObject({
    outcome: 'breach',
    because: 'beyond-threshold',
    action: { kind: 'roll-back', to: 'dualwrite' },
    rule: { name: rule, action: 'roll-back' },
    windows: expect.arrayContaining([expect.objectContaining({ outcome: 'breach' })]),
  })
  expect(told.sentence).toMatch(/projects is rolled back to dualwrite\.$/)
  const { items: rollbacks } = (await at.operate('GET', '/rollbacks')) as { items: object[] }
  expect(rollbacks[0]).toMatchObject({
    component: 'projects',
    status: 'completed',
    cause: { kind: 'trigger', decision: id },
  })
  const { items: alerts } = (await at.operate('GET', '/alerts?severity=critical&component=projects')) as {
    items: object[]
  }
  expect(alerts[0]).toMatchObject({ kind: 'breach', about: `breach-${rule}-projects`, decision: id })
}

async function standingOf(at: Driven, rule: string): Promise<RuleStanding> {
  const { rules } = (await at.operate('GET', '/monitor/projects')) as unknown as { rules: RuleStanding[] }
  return rules.find((one) => one.rule === rule) ?? { rule, outcome: null, numbers: {}, action: null }
}

async function stageOf(at: Driven): Promise<unknown> {
  return (await at.operate('GET', '/collections/projects')).stage
}

/** Of the records at the target alone: the control plane has its ledger in the same database. */
function fault(rule: Parameters<Driven['running']['stack']['redis']['faults']['add']>[0]): Trigger['inject'] {
  return async (at) => {
    at.running.stack.redis.faults.add({ match: VALUES, ...rule })
    return undefined
  }
}

/** Somebody else has written into the target's database. */
async function corrupt(at: Driven): Promise<undefined> {
  const { url, token } = at.running.stack.redis
  for (let n = 0; n < 40; n++) {
    const command = ['SET', `projects:${idOf(n)}`, JSON.stringify({ name: 'corrupt', n: -1 })]
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(command) })
    expect(answer.status).toBe(200)
  }
}

async function fillMemory(): Promise<() => void> {
  const held = [Buffer.alloc(Math.ceil(process.memoryUsage.rss() * 1.1) + 200 * 2 ** 20, 1)]
  return () => void held.pop()
}

/** Clients that do not wait for an answer that takes its time. */
async function dropConnections(at: Driven): Promise<() => void> {
  at.running.stack.redis.faults.add({ match: VALUES, fault: 'delay', delayMs: 100 })
  const timer = setInterval(() => void at.abandon(), 50)
  return () => clearInterval(timer)
}
