import type * as z from 'zod'
import { estimateShape } from '../../../lib/commands/estimate-shape.js'
import { partitionOf } from '../../../lib/core/slot.js'
import { type RunningApp, runApp } from '../../scenario/running-app.js'

/** A deployment whose operator asks for the estimate first, and then does what was estimated, with everything counted. */
export interface Reckoned {
  running: RunningApp
  ids: readonly string[]
  estimate(query: string): Promise<Estimate>
  /** A call of the operators' API. */
  operate(method: string, path: string, body?: object): Promise<{ [member: string]: unknown }>
  tick(): Promise<{ plans: { [name: string]: { kind: string; step: string } } }>
  /** What the gateway and the queue counted of some work, until nothing of it is left anywhere. */
  count(work: () => Promise<unknown>): Promise<Counts>
  close(): Promise<void>
}

export type Estimate = z.output<typeof estimateShape>

export interface Counts {
  commands: number
  messages: number
  /** Of requests to Redis and of its answers, without headers. */
  bytes: number
  documentReads: number
  documentWrites: number
  /** Of the commands, texts of scripts that the database did not have yet. */
  firstUses: number
}

export interface ReckonedOptions {
  records: number
  documents: number
  /** Characters of a record's text. */
  chars: number
  backend: 'embedded' | 'auto'
}

export const COLLECTION = 'projects'
const ADMIN = 'admin-token-of-this-bench'
const CRON = 'cron-secret-of-this-bench'
const QUEUE_MS_MAX = 60_000

export async function openReckoned({ records, documents, chars, backend }: ReckonedOptions): Promise<Reckoned> {
  const ids = Array.from({ length: records }, (_, number) => `project-${String(number).padStart(6, '0')}`)
  const parts = Array.from({ length: documents }, (): { [id: string]: object } => ({}))
  for (const [number, id] of ids.entries()) {
    const part = parts[partitionOf(COLLECTION, id, documents)]
    if (part !== undefined) part[id] = recordOf(number, chars)
  }
  const nameOf = (at: number): string => (documents === 1 ? `${COLLECTION}.json` : `${COLLECTION}-${at}.json`)
  const texts = Object.fromEntries(parts.map((part, at) => [nameOf(at), JSON.stringify(part)]))
  const env = {
    CUTOVER_ADMIN_TOKEN: ADMIN,
    CRON_SECRET: CRON,
    CUTOVER_DOCUMENTS: String(documents),
    // What depends on time and chance is left out: reads that are compared, looks at the other store, counts of traffic.
    CUTOVER_COMPARE_SHARE: '0',
    CUTOVER_LEASE_MS: '600000',
    CUTOVER_METER_FLUSH_MS: '600000',
  }
  const running = await runApp(texts, env, {}, backend)
  const documentCalls = countedDocuments(running)
  const call = async (method: string, path: string, token: string, body?: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${running.url}${path}`, { method, headers, ...sent })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  return {
    running,
    ids,
    estimate: async (query) => estimateShape.parse(await call('GET', `/api/migration/plan?${query}`, ADMIN)),
    operate: async (method, path, body) =>
      (await call(method, `/api/migration${path}`, ADMIN, body)) as { [member: string]: unknown },
    tick: async () => (await call('GET', '/api/cron/tick', CRON)) as Awaited<ReturnType<Reckoned['tick']>>,
    count: (work) => count(running, documentCalls, work),
    close: running.close,
  }
}

export function recordOf(number: number, chars: number): object {
  return { name: `Project ${number}`, text: 'x'.repeat(chars), tags: ['one', 'two'], number }
}

/** Every read and every write of a source document from now on. */
function countedDocuments({ wired: { documents } }: RunningApp): { reads: number; writes: number } {
  const calls = { reads: 0, writes: 0 }
  const [get, put] = [documents.get.bind(documents), documents.put.bind(documents)]
  documents.get = (...args) => {
    calls.reads++
    return get(...args)
  }
  documents.put = (...args) => {
    calls.writes++
    return put(...args)
  }
  return calls
}

async function count(
  running: RunningApp,
  documents: { reads: number; writes: number },
  work: () => Promise<unknown>,
): Promise<Counts> {
  const { redis, queue } = running.stack
  await settled(running)
  redis.resetStats()
  const { attempts } = queue.stats()
  const { reads, writes } = documents
  await work()
  await settled(running)
  const { commands, commandsByName, bytesIn, bytesOut } = redis.stats()
  const messages = queue.stats().attempts - attempts
  return {
    commands,
    messages,
    bytes: bytesIn + bytesOut,
    documentReads: documents.reads - reads,
    documentWrites: documents.writes - writes,
    firstUses: commandsByName.EVAL ?? 0,
  }
}

/**
 * Runs go on in deliveries of the queue: there are none left when it is empty. Counts of traffic stay in memory, or runs
 * would take the bench for clients of theirs.
 */
async function settled(running: RunningApp): Promise<void> {
  const until = Date.now() + QUEUE_MS_MAX
  for (;;) {
    const { pending, inFlight } = running.stack.queue.stats()
    if (pending + inFlight === 0) break
    if (Date.now() > until) throw new Error('The queue is never empty.')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
