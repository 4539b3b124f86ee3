import type { Clock } from '../../lib/ports/clock.js'
import type { Random } from './random.js'

/**
 * Virtual time and the one queue of everything that is going to happen. Nothing in a simulation waits for real time:
 * an event runs, every promise it settles runs as far as it can, and only then comes the next event.
 */
export interface World {
  readonly random: Random
  /** Virtual milliseconds since the start. */
  now(): number
  /** A counter of moments, to order the beginnings and ends of operations. */
  tick(): number
  after(ms: number, run: () => void): void
  sleep(ms: number): Promise<void>
  trace(line: () => string): void
  /** Runs events until `ended`, or until none is left. */
  run(ended: () => boolean): Promise<'ended' | 'idle' | 'too-long'>
}

/** Where a run is taken for one that never ends. */
const EVENTS_MAX = 500_000

export function worldOf(random: Random, log: string[] | null): World {
  const queue = heap()
  let now = 0
  let ticks = 0
  let order = 0
  const after = (ms: number, run: () => void): void => {
    order += 1
    queue.push({ at: now + ms, order, run })
  }
  return {
    random,
    now: () => now,
    tick: () => {
      ticks += 1
      return ticks
    },
    after,
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
    trace: (line) => log?.push(`${now.toFixed(1).padStart(10)}  ${line()}`),
    async run(ended) {
      for (let events = 0; events < EVENTS_MAX; events++) {
        await settled()
        if (ended()) return 'ended'
        const event = queue.pop()
        if (event === undefined) return 'idle'
        now = event.at
        event.run()
      }
      return 'too-long'
    },
  }
}

/** A process that runs the product's code: it can be frozen for a while, or killed for good. */
export interface Instance {
  readonly name: string
  readonly clock: Clock
  /** How far its wall clock is ahead of the world's, in milliseconds. It may jump. */
  skewMs: number
  alive: boolean
  frozenUntil: number
  /** Gives the process what it waits for, when it is awake. */
  deliver(run: () => void): void
}

/** Wall-clock time at which every simulation starts. */
export const START = 1_750_000_000_000

export function instanceOf(world: World, name: string, skewMs: number): Instance {
  let ids = 0
  const instance: Instance = {
    name,
    skewMs,
    alive: true,
    frozenUntil: 0,
    deliver(run) {
      if (!instance.alive) return
      const wait = instance.frozenUntil - world.now()
      if (wait > 0) world.after(wait, () => instance.deliver(run))
      else run()
    },
    clock: {
      now: () => START + Math.floor(world.now()) + instance.skewMs,
      monotonic: () => world.now(),
      sleep: (ms) => new Promise((resolve) => world.after(ms, () => instance.deliver(resolve))),
      random: () => world.random.next(),
      // Unique without its dashes too, as real ones are.
      id: () => {
        ids += 1
        return `${name}x${ids}`
      },
    },
  }
  return instance
}

/** Every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

interface Event {
  at: number
  order: number
  run: () => void
}

function heap(): { push: (event: Event) => void; pop: () => Event | undefined } {
  const items: Event[] = []
  const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
  const swap = (i: number, j: number): void => {
    const [a, b] = [items[i], items[j]]
    if (a === undefined || b === undefined) return
    items[i] = b
    items[j] = a
  }
  const less = (i: number, j: number): boolean => {
    const [a, b] = [items[i], items[j]]
    return a !== undefined && b !== undefined && before(a, b)
  }
  return {
    push(event) {
      items.push(event)
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!less(at, parent)) return
        swap(at, parent)
        at = parent
      }
    },
    pop() {
      swap(0, items.length - 1)
      const first = items.pop()
      for (let at = 0; ; ) {
        const left = at * 2 + 1
        const smallest = [left, left + 1].reduce((best, child) => (less(child, best) ? child : best), at)
        if (smallest === at) return first
        swap(at, smallest)
        at = smallest
      }
    },
  }
}
