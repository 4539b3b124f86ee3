import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { JsonObject } from '../../../lib/core/json.js'
import type { Run } from '../../../lib/core/run.js'
import { partitionOf } from '../../../lib/core/slot.js'
import type { Stage } from '../../../lib/core/stage.js'
import { defineMigration } from '../../../lib/define.js'
import type { EngineContext } from '../../../lib/engine/context.js'
import { startRun } from '../../../lib/engine/runs/start.js'
import { workRun } from '../../../lib/engine/runs/work.js'
import { moveStage } from '../../../lib/engine/stages/move.js'
import { documentName } from '../../../lib/wire/documents.js'
import { type Wired, wire } from '../../../lib/wire.js'

/** Many records in several JSON documents, in the shape that they have before cutover comes. */
export interface Bulk {
  dir: string
  records: number
  documents: number
  /** Bytes of a record's JSON, about. */
  bytes: number
  /** The member that cutover keeps in each document, as text; by default there is none yet. */
  reserved?: string
}

export const COLLECTION = 'items'

/** One document after the other, so that no more than one is held. */
export async function writeBulk({ dir, records, documents, bytes, reserved }: Bulk): Promise<void> {
  await mkdir(dir, { recursive: true })
  const numbers = Array.from({ length: documents }, () => [] as number[])
  for (let number = 0; number < records; number++)
    numbers[partitionOf(COLLECTION, idOf(number), documents)]?.push(number)
  for (const [document, held] of numbers.entries()) {
    const lines = held.map((number) => `${JSON.stringify(idOf(number))}:${textOf(number, bytes)}`)
    if (reserved !== undefined) lines.push(reserved)
    await writeFile(join(dir, documentName(COLLECTION, document, documents)), `{\n${lines.join(',\n')}\n}\n`)
  }
}

export function idOf(number: number): string {
  return `item-${String(number).padStart(7, '0')}`
}

/** A record as it is kept at the target: about `bytes` bytes of JSON. */
export function textOf(number: number, bytes: number): string {
  return JSON.stringify(recordOf(number, bytes))
}

function recordOf(number: number, bytes: number): JsonObject {
  const record = { id: idOf(number), name: `Item ${number}`, owner: `user-${number % 997}`, done: number % 3 === 0 }
  const room = bytes - JSON.stringify(record).length - ',"note":""'.length
  const note = 'Lorem ipsum dolor sit amet, consectetur "adipisici" elit. '
  return { ...record, note: note.repeat(1 + Math.max(0, room) / note.length).slice(0, Math.max(0, room)) }
}

/** The production wiring over these documents; the queue's deliveries are made by whoever drives the runs. */
export async function wireBulk(
  bulk: Bulk,
  env: { [name: string]: string },
  prefix: string,
): Promise<{ wired: Wired; context: EngineContext }> {
  const schema = z.looseObject({ id: z.string() })
  const migration = defineMigration({
    collections: [{ name: COLLECTION, singular: 'item', schema, documents: bulk.documents }],
  })
  const settings = { CUTOVER_SOURCE_DIR: bulk.dir, CUTOVER_REDIS_PREFIX: prefix, CUTOVER_LOG: 'error' }
  const wired = await wire({ CUTOVER_PUBLIC_URL: 'http://127.0.0.1:9', ...env, ...settings }, migration)
  const queue = { label: 'by hand', publish: async () => ({ messageId: '1' }) }
  return { wired, context: { ...(await wired.control()), queue } }
}

/** Up, stage by stage, without what a plan would ask for in between. */
export async function moveUp(context: EngineContext, stages: readonly Stage[]): Promise<void> {
  const [collection] = context.collections
  if (collection === undefined) throw new Error('There is no collection.')
  for (const to of stages) {
    const moved = await moveStage(collection, { direction: 'up', to }, { by: 'bench', reason: '' }, context)
    if (moved.kind !== 'moved') throw new Error(`The move to ${to} was refused: ${moved.reason}.`)
  }
}

/** What cutover keeps in a document at these stages, got by going there with one record. */
export async function reservedAtStages(
  dir: string,
  env: { [name: string]: string },
): Promise<{ dualwrite: string; shadow: string }> {
  const at = (stage: string, steps: readonly Stage[]) => reservedAfter(steps, join(dir, `at-${stage}`), env)
  return { dualwrite: await at('dualwrite', ['dualwrite']), shadow: await at('shadow', ['dualwrite', 'shadow']) }
}

async function reservedAfter(steps: readonly Stage[], dir: string, env: { [name: string]: string }): Promise<string> {
  const bulk = { dir, records: 1, documents: 1, bytes: 100 }
  await writeBulk(bulk)
  const { context } = await wireBulk(bulk, env, `${dir}:`)
  await moveUp(context, steps)
  const text = await readFile(join(dir, documentName(COLLECTION, 0, 1)), 'utf8')
  const line = text.split('\n').find((one) => one.startsWith('"$cutover":'))
  if (line === undefined) throw new Error('The document says nothing of its stage.')
  return line
}

/** Gives the target the fence of documents that were made as cutover leaves them at a stage. */
export async function raiseTarget({ collections: [collection] }: EngineContext): Promise<void> {
  const { source, target } = collection ?? {}
  const fence = (await source?.partitions[0]?.control())?.fence
  for (const partition of target?.partitions ?? []) if (fence !== undefined) await partition.raise(fence)
}

const DELIVERIES_MAX = 1_000
/** Budget of one delivery, as it is on the platform by default. */
const INVOCATION_MS = 50_000

/** A run from its start to its end, delivery by delivery. */
export async function runToEnd(context: EngineContext, kind: Run['kind'], input: JsonObject = {}): Promise<Run> {
  let run = await startRun(context, { kind, collection: COLLECTION, input, by: 'bench', reason: '' })
  for (let delivery = 0; delivery < DELIVERIES_MAX; delivery++) {
    const worked = await workRun(context, { runId: run.id, step: run.step }, Date.now() + INVOCATION_MS)
    if (worked.kind === 'ignored') throw new Error(`A delivery was ignored: ${worked.reason}.`)
    run = worked.run
    if (worked.kind === 'continued') continue
    if (run.status === 'succeeded') return run
    throw new Error(`The ${kind} ended as ${run.status}: ${run.note ?? 'no reason is known'}.`)
  }
  throw new Error(`The ${kind} did not end.`)
}
