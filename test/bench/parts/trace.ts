import { setTimeout as sleep } from 'node:timers/promises'
import { CutoverError } from '../../../lib/core/error.js'
import type { DocumentStore } from '../../../lib/ports/document.js'

/** One request of this process to a store. */
export interface Asked {
  store: 'source' | 'target'
  /** Of the source `GET` or `PUT`; of the target the name of each command. */
  names: string[]
  /** Moments: a counter that every beginning and every end moves on. */
  began: number
  ended: number | null
}

/** What one operation has asked of the stores, up to its answer and after it. */
export interface Cost {
  /** Requests of which each had to wait for the one before, up to the answer: the longest such chain. */
  trips: number
  before: Spent
  after: Spent
}

export interface Spent {
  commands: number
  requests: number
  gets: number
  puts: number
}

export interface Trace {
  /** The cost of an operation, with all the work that it leaves behind. */
  costOf(operation: () => Promise<unknown>): Promise<Cost>
  /** While set, a request to Redis that it says yes to is not sent, and throws. */
  lose(which: ((args: string[]) => boolean) | null): void
  /** While set, no document is stored. */
  refusePuts(refuse: boolean): void
  close(): void
}

export interface TraceOptions {
  redisUrl: string
  documents: DocumentStore
  /** Each request takes at least this long, so that those that are side by side overlap. */
  delayMs: number
  /** When no work after an answer is left. */
  quiet: () => Promise<void>
}

/** Watches the requests of this process to the stores: those to Redis at `fetch`, those to the documents at the store. */
export function traceRequests({ redisUrl, documents, delayMs, quiet }: TraceOptions): Trace {
  const original = { fetch: globalThis.fetch, get: documents.get, put: documents.put }
  let asked: Asked[] = []
  let moment = 0
  let lost: ((args: string[]) => boolean) | null = null
  let putsRefused = false
  async function timed<T>(store: Asked['store'], names: string[], run: () => T | Promise<T>): Promise<T> {
    const request: Asked = { store, names, began: moment++, ended: null }
    asked.push(request)
    try {
      await sleep(delayMs)
      return await run()
    } finally {
      request.ended = moment++
    }
  }
  globalThis.fetch = (input, init) => {
    const send = (): Promise<Response> => original.fetch(input, init)
    if (!String(input).startsWith(redisUrl)) return send()
    const commands = commandsOf(init?.body)
    const names = commands.map(([name = '']) => name.toUpperCase())
    return timed('target', names, async () => {
      if (commands.some((args) => lost?.(args))) throw new TypeError('The bench has lost this request.')
      return await send()
    })
  }
  documents.get = (...args) => timed('source', ['GET'], () => original.get(...args))
  documents.put = (...args) =>
    timed('source', ['PUT'], () => {
      if (putsRefused) throw new CutoverError('unavailable', 'The bench lets no document be stored.')
      return original.put(...args)
    })
  return {
    async costOf(operation) {
      await quiet()
      asked = []
      await operation()
      // What is under way now was not waited for.
      const before = asked.filter(({ ended }) => ended !== null)
      const trips = longestChain(before)
      await quiet()
      return { trips, before: spentOn(before), after: spentOn(asked.filter((one) => !before.includes(one))) }
    },
    lose: (which) => {
      lost = which
    },
    refusePuts: (refuse) => {
      putsRefused = refuse
    },
    close() {
      globalThis.fetch = original.fetch
      Object.assign(documents, { get: original.get, put: original.put })
    },
  }
}

function commandsOf(body: unknown): string[][] {
  const parsed: unknown = typeof body === 'string' ? JSON.parse(body) : []
  if (!Array.isArray(parsed)) return []
  return Array.isArray(parsed[0]) ? (parsed as unknown[][]).map((args) => args.map(String)) : [parsed.map(String)]
}

function spentOn(asked: readonly Asked[]): Spent {
  const count = (test: (one: Asked) => boolean): number => asked.filter(test).length
  return {
    commands: asked.flatMap(({ store, names }) => (store === 'target' ? names : [])).length,
    requests: count(({ store }) => store === 'target'),
    gets: count(({ store, names }) => store === 'source' && names[0] === 'GET'),
    puts: count(({ store, names }) => store === 'source' && names[0] === 'PUT'),
  }
}

/** A request that began when another had ended may have needed its answer. */
function longestChain(asked: readonly Asked[]): number {
  const depths: number[] = []
  for (const { began } of asked) {
    const needed = asked.map(({ ended }, at) => (ended !== null && ended < began ? (depths[at] ?? 0) : 0))
    depths.push(1 + Math.max(0, ...needed))
  }
  return Math.max(0, ...depths)
}
