import { expect } from 'vitest'
import { reachStage } from './reach-stage.js'
import { type RunningApp, runApp } from './running-app.js'

const ADMIN = 'admin-token-of-this-test'
const CRON = 'cron-secret-of-this-test'
const RECORDS = 40
const WORKERS = 3

export interface Driven {
  running: RunningApp
  operate(method: string, path: string, body?: object): Promise<{ [member: string]: unknown }>
  /** One call of the cron. */
  tick(): Promise<void>
  /** Readers and writers of the records, until stopped; every acknowledged write is kept. */
  traffic(): { stop(): Promise<void>; operations(): number }
  /** A client that asks for a record and goes away before there is an answer. */
  abandon(): Promise<void>
  /** Every record holds the last write that was acknowledged, or one whose outcome was never known. */
  lostWrites(): Promise<string[]>
  acknowledged(): number
  close(): Promise<void>
}

/** An application over the local stack, with every shipped rule disarmed for its one collection that has traffic. */
export async function openDriven(env: { [name: string]: string } = {}): Promise<Driven> {
  const records = Array.from({ length: RECORDS }, (_, n) => [idOf(n), { name: `project ${n}`, n: 0 }])
  const running = await runApp(
    { 'projects.json': JSON.stringify(Object.fromEntries(records)), 'resources.json': '{}' },
    {
      CUTOVER_ADMIN_TOKEN: ADMIN,
      CRON_SECRET: CRON,
      CUTOVER_COMPARE_SHARE: '1',
      CUTOVER_METER_FLUSH_MS: '100',
      CUTOVER_METRICS_BUCKET_MS: '100',
      ...env,
    },
  )
  const { url } = running
  const wrote = new Map<number, { acknowledged: number; tried: number }>()
  let acknowledged = 0

  async function operate(method: string, path: string, body?: object): Promise<{ [member: string]: unknown }> {
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${url}/api/migration${path}`, { method, headers, ...sent })
    expect(response.status, await response.clone().text()).toBe(200)
    return (await response.json()) as { [member: string]: unknown }
  }

  async function write(n: number): Promise<void> {
    const before = wrote.get(n) ?? { acknowledged: 0, tried: 0 }
    const tried = before.tried + 1
    wrote.set(n, { ...before, tried })
    const body = JSON.stringify({ name: `project ${n}`, n: tried })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(recordUrl(url, n), { method: 'PUT', headers, body }).catch(() => null)
    await response?.arrayBuffer()
    if (response?.ok !== true) return
    acknowledged += 1
    wrote.set(n, { acknowledged: tried, tried })
  }

  return {
    running,
    operate,
    async tick() {
      const answer = await fetch(`${url}/api/cron/tick`, { headers: { authorization: `Bearer ${CRON}` } })
      expect(answer.status, await answer.text()).toBe(200)
    },
    traffic() {
      let [over, operations] = [false, 0]
      const worker = async (first: number): Promise<void> => {
        for (let round = 0; !over; round++) {
          // Each record has one writer, so that its writes are in an order.
          const n = (first + round * WORKERS) % RECORDS
          if (n % WORKERS === first && round % 4 === 0) await write(n)
          else
            await fetch(recordUrl(url, n)).then(
              (answer) => answer.arrayBuffer(),
              () => null,
            )
          operations += 1
        }
      }
      const workers = Array.from({ length: WORKERS }, (_, first) => worker(first))
      return {
        operations: () => operations,
        stop: async () => {
          over = true
          await Promise.all(workers)
        },
      }
    },
    async abandon() {
      await fetch(recordUrl(url, 1), { signal: AbortSignal.timeout(20) }).catch(() => {})
    },
    async lostWrites() {
      const lost: string[] = []
      for (const [n, { acknowledged: last, tried }] of wrote) {
        const { n: held } = (await (await fetch(recordUrl(url, n))).json()) as { n: number }
        if (held < last || held > tried) lost.push(`${idOf(n)}: ${held}, not ${last} to ${tried}`)
      }
      return lost
    },
    acknowledged: () => acknowledged,
    close: () => running.close(),
  }
}

export function idOf(n: number): string {
  return `projects/${n}`
}

function recordUrl(url: string, n: number): string {
  return `${url}/api/v1/projects/${encodeURIComponent(idOf(n))}`
}

/** Everything served from the target, with both stores full. */
export async function toLive({ running }: Driven): Promise<void> {
  await reachStage(running.wired, 'live')
}

export async function until(what: string, ms: number, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`It did not come to this: ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
