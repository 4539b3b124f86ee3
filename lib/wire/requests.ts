import type { RecordedRequest, RequestRecorder } from '../core/checkpoint/request.js'
import { systemClock } from '../drivers/clock.js'
import type { Surroundings } from '../engine/collection.js'
import type { EngineContext } from '../engine/context.js'

/**
 * Gathers recorded requests and brings them to the ledger after answers, seldom and in one go. What an instance still
 * holds when it is ended is lost, and what comes while much waits is not taken: they are samples. `undefined`: nothing
 * is to be recorded.
 */
export function requestRecorder({ share, control, background, isOver }: RecorderParts): Requests | undefined {
  if (share === 0) return undefined
  const held = new Map<string, RecordedRequest[]>()
  let flushedAt = systemClock.monotonic()
  const flush = async (): Promise<void> => {
    flushedAt = systemClock.monotonic()
    const taken = [...held].filter(([name]) => !isOver(name)) // the ledger of what is over is closed, and stays so
    held.clear()
    if (taken.length === 0) return
    const { keepRecorded } = await import('../engine/checkpoints/recorded.js')
    const { ledger } = await control()
    for (const [collection, requests] of taken) await keepRecorded(ledger, collection, requests, systemClock.random)
  }
  return {
    recorder: {
      samples: () => systemClock.random() < share,
      take(collection, request) {
        const waiting = held.get(collection) ?? []
        held.set(collection, waiting)
        if (waiting.length < HELD_MAX) waiting.push({ at: systemClock.now(), ...request })
        if (systemClock.monotonic() - flushedAt >= FLUSH_MS || waiting.length === HELD_MAX) background(flush())
      },
    },
    flush,
  }
}

export interface Requests {
  recorder: RequestRecorder
  flush: () => Promise<void>
}

interface RecorderParts {
  /** Of the requests, 0 to 1. */
  share: number
  control: () => Promise<EngineContext>
  background: Surroundings['background']
  isOver: (collection: string) => boolean
}

/** Requests of one collection that wait to be kept. */
const HELD_MAX = 100
const FLUSH_MS = 5_000
