/** What can go wrong with one request, `times` times. `match` limits it to a method and to paths with a beginning. */
export type Fault = { times: number; match?: { method?: string; path?: string } } & (
  | { kind: 'drop-before' } // nothing is done and the connection is cut
  | { kind: 'drop-after' } // it is done and the connection is cut
  | { kind: 'delay'; ms: number } // it waits, then is done
  | { kind: 'status'; status: number; code: string } // nothing is done and an error is answered
)

export interface FaultList {
  /** Answers how many faults are waiting. */
  add(fault: Fault): number
  clear(): void
  /** The first waiting fault that matches; each serves `times` requests. */
  take(method: string, path: string): Fault | null
}

export function faultList(): FaultList {
  const waiting: Fault[] = []
  return {
    add(fault) {
      return waiting.push({ ...fault })
    },
    clear() {
      waiting.length = 0
    },
    take(method, path) {
      const at = waiting.findIndex(
        ({ match }) => (match?.method ?? method) === method && path.startsWith(match?.path ?? ''),
      )
      const fault = waiting[at]
      if (fault === undefined) return null
      fault.times -= 1
      if (fault.times <= 0) waiting.splice(at, 1)
      return fault
    },
  }
}

/** Reads a fault from a JSON body, such as `{"kind": "status", "status": 503, "code": "service_unavailable"}`. */
export function parseFault(input: { [name: string]: unknown }): Fault | null {
  const times = typeof input.times === 'number' && input.times >= 1 ? Math.floor(input.times) : 1
  const wanted = typeof input.match === 'object' && input.match !== null ? { ...input.match } : {}
  const match: { method?: string; path?: string } = {}
  if ('method' in wanted && typeof wanted.method === 'string') match.method = wanted.method
  if ('path' in wanted && typeof wanted.path === 'string') match.path = wanted.path
  const common = { times, match }
  switch (input.kind) {
    case 'drop-before':
    case 'drop-after':
      return { kind: input.kind, ...common }
    case 'delay':
      return typeof input.ms === 'number' ? { kind: 'delay', ms: input.ms, ...common } : null
    case 'status': {
      const code = typeof input.code === 'string' ? input.code : 'unknown_error'
      return typeof input.status === 'number' ? { kind: 'status', status: input.status, code, ...common } : null
    }
    default:
      return null
  }
}
