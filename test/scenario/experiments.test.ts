import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../../lib/cli/cli.js'
import { commands } from '../../lib/commands/index.js'
import { seeded } from '../core/experiment/values.js'
import { type RunningApp, runApp } from './running-app.js'

/** An experiment from its definition to its conclusion, by HTTP, the command line and MCP, over Redis's protocol. */
const ADMIN = 'admin-token-of-this-test'
const because = { reason: 'a test' }

let running: RunningApp

beforeAll(async () => {
  running = await runApp({}, { CUTOVER_ADMIN_TOKEN: ADMIN })
  const flag = {
    kind: 'string',
    variants: { plain: 'a', fast: 'b', slow: 'c' },
    fallback: 'plain',
    rollout: {
      percent: 60,
      split: [
        { variant: 'fast', weight: 1 },
        { variant: 'slow', weight: 1 },
      ],
    },
  }
  const put = await operate('PUT', '/feature-flags/search/definition', { definition: flag, ...because })
  expect(put.status).toBe(200)
})

afterAll(() => running.close())

async function operate(method: string, path: string, body?: object) {
  const answer = await fetch(`${running.url}/api/migration${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: what a test looks into
  return { status: answer.status, body: (await answer.json()) as any }
}

const definition = {
  component: 'projects',
  assignment: { by: 'flag', flag: 'search' },
  cohorts: [{ name: 'plain' }, { name: 'fast' }, { name: 'slow' }],
  metrics: [
    { name: 'latency', kind: 'value', better: 'lower', role: 'guardrail', margin: { kind: 'relative', value: 0.2 } },
    { name: 'found', kind: 'conversion', better: 'higher', role: 'goal' },
  ],
  plannedSubjects: 400,
  minSubjects: 50,
  minRunMs: 0,
  ...because,
}

const TRUTH: { [variant: string]: { latency: number; found: number } } = {
  plain: { latency: 100, found: 0.3 },
  fast: { latency: 90, found: 0.65 },
  slow: { latency: 180, found: 0.3 },
}

/** What a page would send of a user: it asks for the variant, shows it, and tells what came of it. */
async function visits(users: string[], random: () => number): Promise<object[]> {
  const events: object[] = []
  for (let from = 0; from < users.length; from += AT_ONCE) {
    const some = users.slice(from, from + AT_ONCE)
    const variants = await Promise.all(some.map(variantOf))
    some.forEach((subject, at) => {
      const variant = variants[at] ?? ''
      const { latency, found } = TRUTH[variant] ?? { latency: 0, found: 0 }
      const value = latency * (0.7 + 0.6 * random())
      events.push({ id: 'page', subject, variant, kind: 'value', metric: 'latency', value })
      if (random() < found) events.push({ id: 'hit', subject, variant, kind: 'happened', metric: 'found' })
    })
  }
  return events
}

const AT_ONCE = 20

async function variantOf(subject: string): Promise<string> {
  const answer = await fetch(`${running.url}/ofrep/v1/evaluate/flags/search`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ context: { targetingKey: subject } }),
  })
  return ((await answer.json()) as { variant: string }).variant
}

describe('an experiment', () => {
  test('goes from its definition to a recommendation for each treatment, with each event counted once', {
    timeout: 120_000,
  }, async () => {
    expect((await operate('PUT', '/experiments/search', definition)).body).toMatchObject({ status: 'draft', round: 0 })
    const started = await operate('POST', '/experiments/search/start', because)
    expect(started.body).toMatchObject({ status: 'running', cohorts: [{ share: 0.4 }, { share: 0.3 }, { share: 0.3 }] })
    const { revision } = started.body
    expect(await operate('PUT', '/experiments/search', { ...definition, alpha: 0.2, revision })).toMatchObject({
      status: 409,
      body: { kind: 'refused', reason: 'running' },
    })

    const random = seeded(5)
    const users = Array.from({ length: 300 }, (_, at) => `user-${at}`)
    const events = await visits(users, random)
    const batches = Array.from({ length: Math.ceil(events.length / 70) }, (_, at) =>
      events.slice(at * 70, at * 70 + 70),
    )
    // Two senders that know nothing of one another, each with everything, at once.
    const sender = async (order: object[][]) => {
      for (const batch of order) {
        const { status } = await operate('POST', '/experiments/search/events', { events: batch })
        if (status !== 200)
          expect((await operate('POST', '/experiments/search/events', { events: batch })).status).toBe(200)
      }
    }
    await Promise.all([sender(batches), sender([...batches].reverse())])

    const shown = await operate('GET', '/experiments/search')
    expect(shown.body.analysis.subjects).toBe(users.length)
    const hits = events.filter((event) => (event as { kind: string }).kind === 'happened').length
    // The control is in both of its comparisons.
    const ofFound = shown.body.analysis.comparisons.filter(({ metric }: { metric: string }) => metric === 'found')
    const [first] = ofFound
    expect(first.control.measured + ofFound[0].treated.measured + ofFound[1].treated.measured).toBe(hits)
    expect(shown.body.recommendations).toMatchObject([
      { treatment: 'fast', recommendation: 'promote', because: 'goal-better', metrics: ['found'] },
      { treatment: 'slow', recommendation: 'roll-back', because: 'guardrail-inferior', metrics: ['latency'] },
    ])
  })

  test('is analysed, and its results and events can be found', async () => {
    const analysed = await operate('POST', '/experiments/search/analyse', {})
    expect(analysed).toMatchObject({ status: 200, body: { kind: 'analysed' } })
    expect(await operate('POST', '/experiments/search/analyse', {})).toMatchObject({
      status: 409,
      body: { reason: 'nothing-new' },
    })
    const mine = await operate('GET', '/experiments/search/events?subject=user-7&kind=value')
    expect(mine.body.items).toMatchObject([{ metric: 'latency', kind: 'value' }])
    expect(JSON.stringify(mine.body)).not.toContain('user-7')
  })

  test('is shown alike by the command line and by MCP', async () => {
    const told: string[] = []
    const code = await runCli(['show-experiment', 'search', '--json'], {
      commands,
      env: { CUTOVER_URL: running.url, CUTOVER_ADMIN_TOKEN: ADMIN },
      terminal: {
        out: { write: (text) => void told.push(text), isTTY: false, columns: 80 },
        err: { write: (text) => void told.push(text), isTTY: false, columns: 80 },
        interactive: false,
        ask: async () => '',
      },
      clock: { monotonic: () => 0, sleep: async () => undefined },
      fetch,
      readFile: async () => '',
      version: '0',
    })
    expect([code, told.join('').slice(0, 200)]).toEqual([0, expect.any(String)])
    expect(JSON.parse(told.join(''))).toMatchObject({ experiment: { name: 'search', status: 'running' } })

    const answer = await fetch(`${running.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ADMIN}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'show_experiment', arguments: { name: 'search' } },
      }),
    })
    expect(await answer.text()).toContain('guardrail-inferior')
  })

  test('ends with a conclusion', async () => {
    const stopped = await operate('POST', '/experiments/search/stop', { reason: 'fast it is' })
    expect(stopped.body).toMatchObject({
      status: 'stopped',
      conclusion: {
        reason: 'fast it is',
        recommendations: [{ recommendation: 'promote' }, { recommendation: 'roll-back' }],
      },
    })
    const late = await operate('POST', '/experiments/search/events', {
      events: [{ id: 'x', subject: 'y', kind: 'exposure' }],
    })
    expect(late).toMatchObject({ status: 409, body: { reason: 'not-running' } })
    const { body: audit } = await operate('GET', '/audit?action=stop-experiment')
    expect(audit.items).toMatchObject([{ reason: 'fast it is' }])
  })
})
