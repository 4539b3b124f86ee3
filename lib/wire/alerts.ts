import type { EngineContext } from '../engine/context.js'

/** Alerts go to the operators' webhook as JSON; one that does not take them loses nothing, for they are kept. */
export function webhook(url: string | undefined): NonNullable<EngineContext['notify']> {
  if (url === undefined) return async () => {}
  return async (alert) => {
    const headers = { 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(WEBHOOK_MS)
    await fetch(url, { method: 'POST', headers, body: JSON.stringify(alert), signal })
  }
}

const WEBHOOK_MS = 5_000
