import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { JsonObject } from '../../../lib/core/json.js'
import type { Stage } from '../../../lib/core/stage.js'
import { defineMigration } from '../../../lib/define.js'
import { type Wired, wire } from '../../../lib/wire.js'
import { reachStage } from '../../scenario/reach-stage.js'
import { type BenchStack, openStack } from './stack.js'

/**
 * The production wiring of one collection, with its JSON document in a folder and Redis in another process. Work after
 * answers is handed over as a platform would be given it, so that a bench knows when there is none left.
 */
export interface Deployment {
  stack: BenchStack
  /** The instance that operators use. */
  operator: Wired
  /** A new instance over the same stores, with settings of its own. */
  instance(env?: { [name: string]: string }): Promise<Wired>
  reach(stage: Stage): Promise<void>
  /** When no work after an answer is left. */
  quiet(): Promise<void>
  close(): Promise<void>
}

export const COLLECTION = 'projects'

/** Work that is not of one operation (comparisons, counts of traffic, leases) is as rare as the settings allow. */
const SPARING = {
  CUTOVER_LOG: 'silent',
  CUTOVER_COMPARE_SHARE: '0',
  CUTOVER_METER_FLUSH_MS: '600000',
  CUTOVER_LEASE_MS: '600000',
}

export interface DeploymentOptions {
  records: number
  /** Bytes of a record's JSON, about. */
  bytes: number
  backend?: 'auto' | 'embedded'
}

export async function openDeployment({ records, bytes, backend }: DeploymentOptions): Promise<Deployment> {
  const stack = await openStack(backend)
  const dir = join(stack.dir, 'documents')
  await mkdir(dir)
  const numbers = Array.from({ length: records }, (_, number) => number)
  const text = JSON.stringify(Object.fromEntries(numbers.map((number) => [idOf(number), recordOf(number, bytes)])))
  await writeFile(join(dir, `${COLLECTION}.json`), text)
  const background = new Set<Promise<unknown>>()
  const platform = globalThis as { [name: symbol]: unknown }
  const context = {
    waitUntil(work: Promise<unknown>) {
      background.add(work)
      void work.finally(() => background.delete(work))
    },
  }
  platform[REQUEST_CONTEXT] = { get: () => context }
  const schema = z.looseObject({ id: z.string() })
  const migration = defineMigration({ collections: [{ name: COLLECTION, singular: 'project', schema }] })
  const fixed = { ...stack.env, CUTOVER_SOURCE_DIR: dir, CUTOVER_PUBLIC_URL: 'http://127.0.0.1:9', ...SPARING }
  const instance = (env: { [name: string]: string } = {}): Promise<Wired> => wire({ ...fixed, ...env }, migration)
  const operator = await instance()
  return {
    stack,
    operator,
    instance,
    reach: (stage) => reachStage(operator, stage),
    async quiet() {
      while (background.size > 0) await Promise.all(background)
    },
    async close() {
      while (background.size > 0) await Promise.all(background)
      delete platform[REQUEST_CONTEXT]
      await stack.close()
    },
  }
}

const REQUEST_CONTEXT = Symbol.for('@vercel/request-context')

export function idOf(number: number): string {
  return `record-${String(number).padStart(6, '0')}`
}

/** A record of about `bytes` bytes of JSON, of members as applications have them. */
export function recordOf(number: number, bytes: number): JsonObject {
  const record = { id: idOf(number), name: `Record ${number}`, owner: `user-${number % 97}`, done: number % 3 === 0 }
  const room = bytes - JSON.stringify(record).length - ',"note":""'.length
  const note = 'Lorem ipsum dolor sit amet, consectetur adipisici elit. '
  return { ...record, note: note.repeat(1 + Math.max(0, room) / note.length).slice(0, Math.max(0, room)) }
}
