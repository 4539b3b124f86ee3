import type { Run } from '../../core/run.js'
import type { Sightings } from '../../core/throttle.js'
import type { Target } from '../../ports/store.js'
import { collectionOf, type EngineContext } from '../context.js'
import { inUseWithin } from '../metrics/traffic.js'

/**
 * What one delivery of a run sees of how much the run is in the way (see `core/throttle.ts`).
 *
 * It looks only while the application is in use, by the traffic that instances have measured: a run that has
 * the stores to itself is never slowed down, and asks them nothing more. An answer's time counts from the moment at
 * which it was to be asked for, so a process that is busy shows as well as a store that is.
 *
 * What can go wrong: traffic that is written more seldom than every `TRAFFIC_MS` (see CUTOVER_METER_FLUSH_MS), or does
 * not come through the data plane, is not noticed. A look that fails says nothing and harms nothing.
 */
export interface Gauge {
  /** Whether the application is in use, and the run is to keep out of its way. */
  inUse(): Promise<boolean>
  /** Works, looking on. Only after `inUse` has answered yes; otherwise it only works. */
  during<T>(work: () => Promise<T>): Promise<{ done: T; ms: number; seen: Sightings }>
}

/** The application is in use if it was within this time. */
const TRAFFIC_MS = 60_000
/** How often that is asked, and how often the target is looked at: each look is a command or two. */
const ASK_EVERY_MS = 5_000
const LOOK_EVERY_MS = 200

const NOTHING_SEEN: Sightings = { idleMs: null, busyMs: null }

export function gaugeOf(context: EngineContext, run: Run): Gauge {
  const { clock } = context
  const [target] = collectionOf(context, run.collection).target.partitions
  const off = run.input.throttle === false || target === undefined
  let used = false
  let [askedAt, lookedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let expectedMs = 0
  return {
    async inUse() {
      if (off || clock.monotonic() - askedAt < ASK_EVERY_MS) return used
      askedAt = clock.monotonic()
      used = await isInUse(context)
      return used
    },
    async during(work) {
      const looks = used && target !== undefined && clock.monotonic() - lookedAt >= LOOK_EVERY_MS
      const idleMs = looks ? await look(clock, target) : null
      const begun = clock.monotonic()
      const working = work()
      const looking = looks ? lookDuring(clock, target, expectedMs, working) : null
      const done = await working
      const ms = clock.monotonic() - begun
      expectedMs = ms
      if (looking === null) return { done, ms, seen: NOTHING_SEEN }
      lookedAt = clock.monotonic()
      return { done, ms, seen: { idleMs, busyMs: await looking } }
    },
  }
}

function isInUse({ metrics, clock, collections }: EngineContext): Promise<boolean> {
  const names = collections.map(({ name }) => name)
  return inUseWithin(metrics, names, clock.now(), TRAFFIC_MS)
}

/** At a moment of the batch that is as likely as any other, as requests of the application come. */
async function lookDuring(
  clock: EngineContext['clock'],
  target: Target,
  expectedMs: number,
  work: Promise<unknown>,
): Promise<number | null> {
  let over = false
  const ended = work.then(
    () => {
      over = true
    },
    () => {
      over = true
    },
  )
  const due = clock.monotonic() + clock.random() * expectedMs
  const waitMs = Math.floor(due - clock.monotonic())
  // What was expected after a long batch is nothing that the answer of a short one may wait for.
  if (waitMs > 0) await Promise.race([clock.sleep(waitMs), ended])
  if (over) return null
  const now = clock.monotonic()
  return look(clock, target, now - Math.max(0, now - due - TIMER_MS))
}

/** A timer is late by this much where nothing is in its way. */
const TIMER_MS = 1.2

/** Milliseconds until the target has answered the smallest question there is. */
async function look(clock: EngineContext['clock'], target: Target, since = clock.monotonic()): Promise<number | null> {
  try {
    await target.control()
    return clock.monotonic() - since
  } catch {
    return null // what fails here fails in the work too, and is dealt with there
  }
}
