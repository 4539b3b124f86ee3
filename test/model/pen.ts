import type { Outcome } from './stores.js'
import { AT, type Layout, type Whole } from './whole.js'

/** What is at hand while the successors of one state are written down. */
export interface Pen {
  whole: Whole
  layout: Layout
  row: Int32Array
  /** The successor that is being written. */
  next: Int32Array
  visit: Visit
  /** Pairs of store states that were looked at, with what is wrong with them. */
  sound: Map<number, string | null>
}

/** Told of every state that can come next; with a fault where the way there shows one. */
export type Visit = (row: Int32Array, label: Label, fault: string | null) => void

export type Label = () => string

/** Product code has to be played before the successors can be told. */
export class Missing {
  readonly promise: Promise<unknown>
  constructor(promise: Promise<unknown>) {
    this.promise = promise
  }
}

export function present<T extends object>(value: T | Promise<T>): T {
  if (value instanceof Promise) throw new Missing(value)
  return value
}

/** A new successor: as yet the same. */
export function fresh(pen: Pen): Int32Array {
  pen.next.set(pen.row)
  return pen.next
}

export function get(row: Int32Array, at: number): number {
  return row[at] ?? 0
}

export function spend(next: Int32Array, what: number): void {
  next[what] = get(next, what) - 1
}

/** What a request does to its store as that is now. */
export function effectOf({ whole, row }: Pen, requestNumber: number): { store: 'source' | 'target'; outcome: Outcome } {
  const request = whole.requestOf(requestNumber)
  const store = request.store === 'source' ? 'source' : 'target'
  const outcome = whole[store].after(get(row, AT[store]), get(row, AT.time), request, requestNumber)
  return { store, outcome: present(outcome) }
}

/** The successor is written: the monitor hears of it, the stores are looked at, and it is visited. */
export function reach(pen: Pen, label: Label, events: readonly number[] = []): void {
  const { next, whole } = pen
  let monitor = get(next, AT.monitor)
  let fault: string | null = null
  for (const event of events) {
    const heard = whole.monitor.after(monitor, event)
    if (typeof heard === 'number') monitor = heard
    else fault ??= heard.fault
  }
  next[AT.monitor] = monitor
  pen.visit(next, label, fault ?? wrongWithStores(pen))
}

function wrongWithStores({ whole, next, sound }: Pen): string | null {
  const [source, target] = [get(next, AT.source), get(next, AT.target)]
  const pair = source * 2 ** 24 + target
  const known = sound.get(pair)
  if (known !== undefined) return known
  throw new Missing(whole.invariant(source, target).then((fault) => sound.set(pair, fault)))
}
