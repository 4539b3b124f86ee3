import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject, type Json, type JsonObject } from '../../lib/core/json.js'
import { type Stage, stageIndex } from '../../lib/core/stage.js'
import { COLLECTION_NAMES } from './manifests.js'

/** The operator of the migration: calls the control routes as anybody with the token would. */
export interface Operator {
  /** Moves both collections; a refusal, or a way that is not open to its end, is an error. */
  move(verb: 'advance' | 'roll-back', to: string, reason: string, rolloutPercent?: number): Promise<void>
  /** Up to a stage, those that are not there yet. */
  climb(collections: readonly string[], to: string, reason: string): Promise<void>
  /** One run on each collection, to their ends; what is left of each. */
  run(path: RunPath, input?: JsonObject): Promise<EndedRun[]>
  call(method: 'GET' | 'POST' | 'PUT', path: string, body?: JsonObject): Promise<Json>
}

export type RunPath = 'backfill' | 'validate' | 'zero-loss' | 'clean-up'

export interface EndedRun {
  collection: string
  records: number
  batches: number
  /** Records a second of working time; `null`: nothing to tell. */
  perSecond: number | null
  result: JsonObject
}

const RUN_MS_MAX = 15 * 60_000
const LOOK_MS = 200
const LOOKS_MAX = 10
const LOOK_AGAIN_MS = 500

export function operator(url: string, token: string, progress: (line: string) => void): Operator {
  const call: Operator['call'] = async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const ask = (): Promise<Response> => fetch(`${url}/api/migration${path}`, { method, headers, ...sent })
    let response = await ask()
    // What may be done twice is: on a busy machine a store answers too late now and then.
    const repeatable = method === 'GET' || path.startsWith('/rules/')
    for (let again = 0; again < LOOKS_MAX && repeatable && response.status === 503; again++) {
      await sleep(LOOK_AGAIN_MS)
      response = await ask()
    }
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 500)}`)
    return JSON.parse(text)
  }
  const ended = async (collection: string, runId: string): Promise<EndedRun> => {
    const end = performance.now() + RUN_MS_MAX
    while (performance.now() < end) {
      const run = objectOf(await call('GET', `/runs/${runId}`))
      const { done, total, perSecond } = objectOf(run.progress ?? null)
      progress(
        `${String(run.kind)} ${collection}: ${String(done)} of ${String(total ?? '?')}, ${String(perSecond ?? '?')}/s`,
      )
      if (run.status === 'succeeded') {
        const batches = Number(objectOf(run.counters ?? null).batches ?? 0)
        const rate = typeof perSecond === 'number' ? perSecond : null
        return { collection, records: Number(done), batches, perSecond: rate, result: objectOf(run.result ?? null) }
      }
      if (run.status !== 'running')
        throw new Error(`The run ${String(run.kind)} of ${collection} ${String(run.status)}: ${String(run.reason)}`)
      await sleep(LOOK_MS)
    }
    throw new Error(`The run ${runId} of ${collection} has not ended in time.`)
  }
  return {
    call,
    async move(verb, to, reason, rolloutPercent) {
      const share = rolloutPercent === undefined ? {} : { rolloutPercent }
      const moveOne = async (collection: string): Promise<void> => {
        const moved = objectOf(await call('POST', `/collections/${collection}/${verb}`, { to, reason, ...share }))
        if (moved.to === to && moved.pending === null) return
        throw new Error(`${collection} did not get to ${to}: ${JSON.stringify(moved)}`)
      }
      await Promise.all(COLLECTION_NAMES.map(moveOne))
    },
    async climb(collections, to, reason) {
      for (const collection of collections) {
        const { stage } = objectOf(await call('GET', `/collections/${collection}`))
        if (stageIndex(stage as Stage) >= stageIndex(to as Stage)) continue
        const moved = objectOf(await call('POST', `/collections/${collection}/advance`, { to, reason }))
        if (moved.to !== to || moved.pending !== null)
          throw new Error(`${collection} did not get to ${to}: ${JSON.stringify(moved)}`)
      }
    },
    run: (path, input = {}) =>
      Promise.all(
        COLLECTION_NAMES.map(async (collection) => {
          const run = objectOf(await call('POST', `/collections/${collection}/${path}`, { reason: 'demo', ...input }))
          return ended(collection, String(run.runId))
        }),
      ),
  }
}

function objectOf(value: Json): JsonObject {
  return isJsonObject(value) ? value : {}
}
