import { pid } from 'node:process'
import type { Run } from '../../../lib/core/run.js'
import type { EngineContext } from '../../../lib/engine/context.js'
import { startRun } from '../../../lib/engine/runs/start.js'
import { cancelRun } from '../../../lib/engine/runs/steer.js'
import { workRun } from '../../../lib/engine/runs/work.js'
import { type Bulk, COLLECTION, idOf, wireBulk } from './bulk.js'

/**
 * The application, or who works on runs beside it: one process each, over the production wiring, told by its parent
 * what to do for how long.
 */
export type Order =
  | { kind: 'open'; bulk: Bulk; env: { [name: string]: string }; prefix: string; seed: number }
  /** The application: reads and writes at a fixed rate for so long. */
  | { kind: 'serve'; ms: number; readsPerSecond: number; writesPerSecond: number }
  /** The worker: back-fill and validation, over and over, for so long. */
  | { kind: 'work'; ms: number; input: { [name: string]: number | boolean } }
  /** The worker: a back-fill is started, and nothing is done for it yet. */
  | { kind: 'begin'; input: { [name: string]: number | boolean } }
  /** The worker: no run is left under way. */
  | { kind: 'leave' }

export type Report =
  | { kind: 'opened'; pid: number }
  | { kind: 'served'; reads: number[]; writes: number[]; failed: number }
  | { kind: 'begun' }
  | { kind: 'left' }
  | { kind: 'worked'; records: number; ended: number; notes: string[] }
  | { kind: 'failed'; error: string }

let place: Promise<Awaited<ReturnType<typeof wireBulk>> & { records: number; random: () => number }> | undefined

async function obey(order: Order): Promise<Report> {
  if (order.kind === 'open') {
    const { bulk, env, prefix, seed } = order
    place = wireBulk(bulk, env, prefix).then((wires) => ({ ...wires, records: bulk.records, random: randomOf(seed) }))
    await place
    return { kind: 'opened', pid }
  }
  if (order.kind === 'serve') return serve(order)
  if (order.kind === 'work') return work(order)
  if (order.kind === 'begin') {
    await begin(order.input)
    return { kind: 'begun' }
  }
  if (place !== undefined) await leave((await place).context)
  return { kind: 'left' }
}

/** A timer is late by this much on a machine that does nothing; beyond it the process had no time. */
const TIMER_MS = 1.2

/**
 * An open loop: each operation has its moment, whatever became of those before, and its time counts from that moment
 * (but for the timer's own lateness), so that a process which stands still for a while is not let off.
 */
async function serve({ ms, readsPerSecond, writesPerSecond }: Extract<Order, { kind: 'serve' }>): Promise<Report> {
  if (place === undefined) throw new Error('not open')
  const { wired, records, random } = await place
  const [reads, writes]: [number[], number[]] = [[], []]
  let failed = 0
  const began = performance.now() + 20
  const run = async (due: number, operate: (id: string) => Promise<unknown>, into: number[]): Promise<void> => {
    const late = performance.now() - due
    const at = performance.now() - Math.max(0, late - TIMER_MS)
    try {
      await operate(idOf(Math.floor(random() * records)))
      into.push(performance.now() - at)
    } catch {
      failed++
    }
  }
  const read = (id: string): Promise<unknown> => wired.dataPlane.get(COLLECTION, id)
  const write = (id: string): Promise<unknown> => {
    const operation = { op: wired.clock.id().replaceAll('-', ''), startedAt: wired.clock.now(), named: false }
    const value = { id, name: `Written ${Math.floor(random() * 1e6)}`, done: true, note: 'x'.repeat(200) }
    return wired.dataPlane.write(COLLECTION, id, operation, { kind: 'put', value })
  }
  const loop = async (perSecond: number, operate: typeof read, into: number[]): Promise<void> => {
    const under: Promise<void>[] = []
    const count = Math.floor((ms * perSecond) / 1000)
    for (let number = 0; number < count; number++) {
      const due = began + ((number + random()) * 1000) / perSecond
      const wait = due - performance.now()
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, Math.floor(wait)))
      under.push(run(due, operate, into))
    }
    await Promise.all(under)
  }
  await Promise.all([loop(readsPerSecond, read, reads), loop(writesPerSecond, write, writes)])
  return { kind: 'served', reads, writes, failed }
}

let current: Run | undefined
let kind: Run['kind'] = 'validate'

/** Beginning with the margin that a delivery leaves at its end, so that batches are begun until the time is over. */
const MARGIN_MS = 1_500

async function work({ ms, input }: Extract<Order, { kind: 'work' }>): Promise<Report> {
  if (place === undefined) throw new Error('not open')
  const { context } = await place
  const until = Date.now() + ms
  let [records, ended] = [0, 0]
  const notes = new Set<string>()
  if (current !== undefined && current.input.throttle !== input.throttle) await leave(context)
  while (Date.now() < until) {
    current ??= await begin(input)
    const before = current.done
    const message = { runId: current.id, step: current.step }
    const worked = await workRun(context, message, until + MARGIN_MS)
    if (worked.kind === 'ignored') throw new Error(`A delivery was ignored: ${worked.reason}.`)
    records += worked.run.done - before
    if (worked.run.note !== null) notes.add(worked.run.note)
    current = worked.run.status === 'running' ? worked.run : undefined
    if (current === undefined) ended++
    else if ((current.restUntil ?? 0) > Date.now()) {
      const rest = Math.min(current.restUntil ?? 0, until) - Date.now()
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)))
    }
  }
  return { kind: 'worked', records, ended, notes: [...notes] }
}

async function begin(input: { [name: string]: number | boolean }): Promise<Run> {
  if (place === undefined) throw new Error('not open')
  kind = kind === 'validate' ? 'backfill' : 'validate'
  const { context } = await place
  current = await startRun(context, { kind, collection: COLLECTION, input, by: 'bench', reason: '' })
  return current
}

async function leave(context: EngineContext): Promise<void> {
  if (current !== undefined) await cancelRun(context, { runId: current.id, by: 'bench', reason: '' })
  current = undefined
  kind = 'validate'
}

/** A small generator of numbers in [0, 1): the same ones for the same seed. */
function randomOf(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

process.on('message', (order: Order) => {
  obey(order)
    .catch((error: unknown): Report => ({ kind: 'failed', error: error instanceof Error ? (error.stack ?? '') : '' }))
    .then((report) => process.send?.(report))
})
process.on('disconnect', () => process.exit(0))
