/**
 * A request of the data API as it is kept and asked again: what decides its answer, and nothing else. No header but the
 * two conditions, no member of the query but the two that the API knows, no body.
 */
export interface ReadRequest {
  /** What follows `/api/v1/{collection}` in the path as it was sent: empty for a list, `/` and an encoded id else. */
  path: string
  cursor?: string
  limit?: string
  ifMatch?: string
  ifNoneMatch?: string
}

/** A request that was seen in real traffic. */
export interface RecordedRequest extends ReadRequest {
  /** Wall-clock milliseconds. */
  at: number
  method: (typeof RECORDED_METHODS)[number]
}

export const RECORDED_METHODS = ['GET', 'PUT', 'PATCH', 'DELETE'] as const

/** Takes some of the requests that an instance serves. Never throws, and nobody waits for it. */
export interface RequestRecorder {
  /** Whether the next request is to be taken. */
  samples(): boolean
  take(collection: string, request: Omit<RecordedRequest, 'at'>): void
}

/** Longest path, cursor or condition that is recorded; a request with a longer one is not. */
export const REQUEST_PART_CHARS_MAX = 800

/** Whether two requests ask the same. */
export function requestKey({ path, cursor, limit, ifMatch, ifNoneMatch }: ReadRequest): string {
  return JSON.stringify([path, cursor ?? null, limit ?? null, ifMatch ?? null, ifNoneMatch ?? null])
}

/** The read that corresponds to a recorded request: of a write, the record that it was aimed at. */
export function readOf({ method, path, cursor, limit, ifMatch, ifNoneMatch }: RecordedRequest): ReadRequest {
  if (method !== 'GET') return { path }
  return {
    path,
    ...(cursor === undefined ? {} : { cursor }),
    ...(limit === undefined ? {} : { limit }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
  }
}
