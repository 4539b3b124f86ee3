import type { Surroundings } from '../engine/collection.js'

interface RequestContext {
  waitUntil?: (work: Promise<unknown>) => void
  deadline?: number | string
}

/** What Vercel tells the functions it runs; nothing elsewhere. */
function requestContext(): RequestContext {
  const holder = (globalThis as { [key: symbol]: { get?: () => RequestContext | undefined } | undefined })[
    Symbol.for('@vercel/request-context')
  ]
  return holder?.get?.() ?? {}
}

/** Wall-clock milliseconds at which the platform ends this invocation, if it says so. */
export function platformDeadline(): number | null {
  const { deadline } = requestContext()
  const at = deadline === undefined ? Number.NaN : new Date(deadline).getTime()
  return Number.isNaN(at) ? null : at
}

/** Work after answers: the platform is asked to keep the function alive until it is done. */
export function keepAlive(pending: Set<Promise<unknown>>): Surroundings['background'] {
  return (work) => {
    const kept = work
      .catch(() => {}) // whoever began the work has reported what matters
      .finally(() => pending.delete(kept))
    pending.add(kept)
    requestContext().waitUntil?.(kept)
  }
}

/**
 * Waits for a moment at which work is due; sooner where the platform would end the invocation before. Keeps no process
 * alive that has nothing else to do. Rejects when the signal is aborted.
 */
export function untilDue(ms: number, signal: AbortSignal): Promise<void> {
  const left = (platformDeadline() ?? Number.POSITIVE_INFINITY) - Date.now() - LAST_MS
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, Math.max(0, Math.min(ms, left)))
    if (typeof timer === 'object') timer.unref()
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason)
      },
      { once: true },
    )
  })
}

/** What work that is due at the end of an invocation is given, in milliseconds. */
const LAST_MS = 3_000
