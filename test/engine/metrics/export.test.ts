import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Measurement, nothingMeasured } from '../../../lib/core/metrics/measurement.js'
import { addValue } from '../../../lib/core/metrics/sketch.js'
import { EXPORT_KEY, exportMetrics } from '../../../lib/engine/metrics/export.js'
import type { Pushed, Telemetry } from '../../../lib/ports/telemetry.js'
import { otlpTelemetry } from '../../../lib/wire/otlp.js'
import { START, type World, world } from '../runs/world.js'

const BUCKET = 1_000
const LAG = 5_000

function reads(count: number, errors = 0): Measurement {
  const one = { component: 'projects', path: 'source' as const, operation: 'read', ...nothingMeasured(), count, errors }
  for (let n = 0; n < count; n++) addValue(one.latencyMs, 10 + n)
  return one
}

/** A world whose collector answers as it is told, and keeps what it took. */
function collected(answers: Pushed['kind'][] = []): World & { taken: object[]; asked: number } {
  const at = world()
  const taken: object[] = []
  const seen = { taken, asked: 0 }
  const telemetry: Telemetry = {
    lagMs: LAG,
    async push(request) {
      seen.asked += 1
      const kind = answers.shift() ?? 'taken'
      if (kind === 'taken') taken.push(request)
      return kind === 'taken' ? { kind, rejected: 0 } : { kind, status: null }
    },
  }
  at.context.telemetry = telemetry
  return Object.assign(at, seen, {
    get asked() {
      return seen.asked
    },
  })
}

function turn(at: World): Promise<unknown> {
  return exportMetrics(at.context, at.clock.now() + 60_000)
}

/** Operations that the collector adds up to, by the beginning of their bucket. */
function told(at: { taken: object[] }): Map<number, number> {
  const sums = new Map<number, number>()
  for (const request of at.taken) {
    const { metrics } = (request as Told).resourceMetrics[0].scopeMetrics[0]
    const points = metrics.find(({ name }) => name === 'cutover.operations')?.sum?.dataPoints ?? []
    for (const { startTimeUnixNano, asInt } of points) {
      const when = Number(BigInt(startTimeUnixNano) / 1_000_000n)
      sums.set(when, (sums.get(when) ?? 0) + Number(asInt))
    }
  }
  return sums
}

interface Told {
  resourceMetrics: [{ scopeMetrics: [{ metrics: { name: string; sum?: { dataPoints: Point[] } }[] }] }]
}

interface Point {
  startTimeUnixNano: string
  asInt: string
}

async function measureSeconds(at: World, from: number, seconds: number): Promise<void> {
  for (let n = 0; n < seconds; n++) await at.context.metrics.add(from + n * BUCKET, [reads(n + 1)])
}

async function cursorOf(at: World): Promise<unknown> {
  return (await at.context.ledger.read(EXPORT_KEY))?.value ?? null
}

describe('telling a collector', () => {
  it('every complete bucket, once, from the first turn on', async () => {
    const at = collected()
    const from = START - (START % BUCKET)
    at.clock.time = from + LAG + BUCKET
    await measureSeconds(at, from, 100)
    for (let second = 0; second < 110; second++) {
      await turn(at)
      if (second % 3 === 0) await turn(at)
      at.clock.time += BUCKET
    }
    const wanted = new Map(Array.from({ length: 100 }, (_, n) => [from + n * BUCKET, n + 1]))
    expect(told(at)).toEqual(wanted)
    expect(await cursorOf(at)).toMatchObject({ claimed: null, missedMs: 0 })
  })

  it('two crons at once: still once', async () => {
    const at = collected()
    at.clock.time = START + LAG + BUCKET
    await measureSeconds(at, START, 20)
    await turn(at)
    at.clock.time += 30 * BUCKET
    await Promise.all([turn(at), turn(at), turn(at)])
    expect([...told(at).values()].reduce((sum, count) => sum + count, 0)).toBe(210)
  })

  it('that asks for patience, it is told again; one that refuses or does not answer is not, and the gap is counted', async () => {
    const at = collected(['later', 'taken', 'refused', 'unknown'])
    at.clock.time = START + LAG + BUCKET
    for (let second = 0; second < 5; second++) {
      await at.context.metrics.add(START + second * BUCKET, [reads(10 ** second)])
    }
    const results: unknown[] = []
    for (let second = 0; second < 5; second++) {
      results.push(((await turn(at)) as { kind: string }).kind)
      at.clock.time += BUCKET
    }
    expect(results).toEqual(
      ['later', 'taken', 'refused', 'unknown', 'idle'].map((kind) => (kind === 'taken' ? expect.any(String) : kind)),
    )
    const sum = [...told(at).values()].reduce((all, count) => all + count, 0)
    expect(sum).toBeGreaterThan(0)
    const { missedMs } = (await cursorOf(at)) as { missedMs: number }
    expect(missedMs + told(at).size * BUCKET).toBe(5 * BUCKET)
  })

  it('a cron that ended between taking and telling leaves a gap that the next one counts', async () => {
    const at = collected()
    at.clock.time = START + LAG + BUCKET
    await measureSeconds(at, START, 3)
    const telemetry = at.context.telemetry as Telemetry
    at.context.telemetry = { ...telemetry, push: () => Promise.reject(new Error('the process has ended')) }
    await expect(turn(at)).rejects.toThrow('the process has ended')
    at.context.telemetry = telemetry
    at.clock.time += 3 * BUCKET
    expect(await turn(at)).toMatchObject({ kind: 'busy' })
    at.clock.time += 60_000
    await turn(at)
    expect([...told(at).keys()]).toEqual([START + BUCKET, START + 2 * BUCKET])
    expect(await cursorOf(at)).toMatchObject({ missedMs: BUCKET, claimed: null })
  })

  it('that was away for long, the newest are told and the rest is counted as missed', async () => {
    const at = collected()
    at.clock.time = START + LAG + BUCKET
    await measureSeconds(at, START, 1)
    await turn(at)
    await measureSeconds(at, START + BUCKET, 500)
    at.clock.time += 500 * BUCKET
    await turn(at)
    expect(told(at).size).toBe(361)
    expect(await cursorOf(at)).toMatchObject({ missedMs: 140 * BUCKET })
  })

  it('writes nothing where nothing was measured, and nothing at all without a collector', async () => {
    const at = collected()
    at.clock.time = START + 500_000
    expect(await turn(at)).toMatchObject({ kind: 'idle' })
    expect(await cursorOf(at)).toBeNull()
    delete at.context.telemetry
    expect(await turn(at)).toEqual({ kind: 'off' })
  })
})

describe('a collector over HTTP', () => {
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  async function collector(status: number, answer: string) {
    const bodies: { url: string; headers: object; body: unknown }[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { url = '', headers } = request
        bodies.push({ url, headers, body: JSON.parse(Buffer.concat(chunks).toString()) })
        if (status === 0) response.destroy()
        else response.writeHead(status, { 'content-type': 'application/json' }).end(answer)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => {
      server.close()
      server.closeAllConnections()
    })
    return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics` }
  }

  it('is sent what the protocol says', async () => {
    const { bodies, url } = await collector(200, '{}')
    const at = world()
    at.context.telemetry = otlpTelemetry({ url, headers: { 'x-key': 'k' } }, LAG)
    at.clock.time = START + LAG + BUCKET
    await at.context.metrics.add(START, [
      reads(3, 1),
      { component: 'projects', path: null, operation: 'compare', ...nothingMeasured(), sums: { matched: 4 } },
      {
        component: 'projects',
        path: null,
        operation: 'runtime',
        ...nothingMeasured(),
        sums: { connections: 5 },
        peaks: { memoryShare: 0.5 },
      },
    ])
    expect(await turn(at)).toMatchObject({ buckets: 1 })
    expect(bodies).toMatchObject([
      { url: '/v1/metrics', headers: { 'x-key': 'k', 'content-type': 'application/json' } },
    ])
    const [request] = bodies
    const series = [
      { key: 'component', value: { stringValue: 'projects' } },
      { key: 'path', value: { stringValue: 'source' } },
      { key: 'operation', value: { stringValue: 'read' } },
    ]
    const span = { startTimeUnixNano: `${START}000000`, timeUnixNano: `${START + BUCKET}000000` }
    const delta = { aggregationTemporality: 1, isMonotonic: true }
    const component = [series[0]]
    expect(request?.body).toEqual({
      resourceMetrics: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cutover' } }] },
          scopeMetrics: [
            {
              scope: { name: 'cutover' },
              metrics: [
                {
                  name: 'cutover.operations',
                  unit: '{operation}',
                  sum: { ...delta, dataPoints: [{ ...span, attributes: series, asInt: '3' }] },
                },
                {
                  name: 'cutover.operation.errors',
                  unit: '{operation}',
                  sum: { ...delta, dataPoints: [{ ...span, attributes: series, asInt: '1' }] },
                },
                {
                  name: 'cutover.operation.duration',
                  unit: 's',
                  histogram: {
                    aggregationTemporality: 1,
                    dataPoints: [
                      {
                        ...span,
                        attributes: series,
                        count: '3',
                        sum: expect.closeTo(0.033, 3),
                        bucketCounts: expect.any(Array),
                        explicitBounds: expect.any(Array),
                      },
                    ],
                  },
                },
                {
                  name: 'cutover.comparisons.matched',
                  unit: '{comparison}',
                  sum: { ...delta, dataPoints: [{ ...span, attributes: component, asDouble: 4 }] },
                },
                {
                  name: 'cutover.connections',
                  unit: '{request}',
                  sum: { ...delta, dataPoints: [{ ...span, attributes: component, asDouble: 5 }] },
                },
                {
                  name: 'cutover.memory.share',
                  unit: '1',
                  gauge: { dataPoints: [{ ...span, attributes: component, asDouble: 0.5 }] },
                },
              ],
            },
          ],
        },
      ],
    })
    const text = JSON.stringify(request?.body)
    const listed = (name: string) => JSON.parse(new RegExp(`"${name}":(\\[[^\\]]*\\])`).exec(text)?.[1] ?? '[]')
    const [bucketCounts, explicitBounds] = [listed('bucketCounts'), listed('explicitBounds')]
    expect(bucketCounts).toHaveLength(explicitBounds.length + 1)
    expect(bucketCounts.map(Number).reduce((sum: number, count: number) => sum + count, 0)).toBe(3)
    expect(explicitBounds).toEqual(explicitBounds.toSorted((a: number, b: number) => a - b))
  })

  it.each<[number, string, Pushed]>([
    [200, '', { kind: 'taken', rejected: 0 }],
    [200, '{"partialSuccess":{"rejectedDataPoints":"2"}}', { kind: 'taken', rejected: 2 }],
    [503, '', { kind: 'later', status: 503 }],
    [429, '{}', { kind: 'later', status: 429 }],
    [400, 'no', { kind: 'refused', status: 400 }],
    [502, '', { kind: 'unknown', status: 502 }],
    [0, '', { kind: 'unknown', status: null }],
  ])('that answers %i %s is understood', async (status, answer, pushed) => {
    const { url } = await collector(status, answer)
    expect(await otlpTelemetry({ url, headers: {} }, LAG).push({})).toEqual(pushed)
  })

  it('that is not there has surely taken nothing', async () => {
    const { url } = await collector(200, '')
    for (const close of closing.splice(0)) close()
    expect(await otlpTelemetry({ url, headers: {} }, LAG).push({})).toEqual({ kind: 'later', status: null })
  })
})
