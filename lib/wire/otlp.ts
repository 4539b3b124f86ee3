import type { Settings } from '../core/environment.js'
import { isJsonObject } from '../core/json.js'
import type { Pushed, Telemetry } from '../ports/telemetry.js'

/** A collector that takes OTLP over HTTP as JSON. Its address and headers never reach a log. */
export function otlpTelemetry({ url, headers }: NonNullable<Settings['otlp']>, lagMs: number): Telemetry {
  return {
    lagMs,
    async push(request) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(request),
          redirect: 'error',
          signal: AbortSignal.timeout(ANSWER_MS),
        })
        return await pushedOf(response)
      } catch (error) {
        return { kind: neverSent(error) ? 'later' : 'unknown', status: null }
      }
    },
  }
}

const ANSWER_MS = 8_000

/** Which answers ask for another attempt is the protocol's word; 502 and 504 say too little of what was taken. */
async function pushedOf(response: Response): Promise<Pushed> {
  const { status } = response
  const text = await response.text()
  if (response.ok) return { kind: 'taken', rejected: rejectedOf(text) }
  if (status === 429 || status === 503) return { kind: 'later', status }
  return { kind: status < 500 ? 'refused' : 'unknown', status }
}

function rejectedOf(text: string): number {
  try {
    const answer: unknown = JSON.parse(text)
    const partial = isJsonObject(answer) ? answer.partialSuccess : null
    return isJsonObject(partial) ? Number(partial.rejectedDataPoints ?? 0) || 0 : 0
  } catch {
    return 0 // an empty answer is one
  }
}

/** Nothing has left this machine for the collector. */
function neverSent(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(String(cause?.code))
}
