import { type Answer, failure } from './api.js'
import { type FaultList, parseFault } from './faults.js'

/** What may be done to the server from outside, under `/__admin/`. */
export interface Administered {
  faults: FaultList
  outage(on: boolean): void
  stats(): object
}

export function administer(method: string, path: string, body: Buffer, server: Administered): Answer {
  const input = parseJson(body)
  switch (`${method} ${path}`) {
    case 'GET /__admin/stats':
      return json(server.stats())
    case 'DELETE /__admin/faults':
      server.faults.clear()
      return json({ faults: 0 })
    case 'POST /__admin/faults': {
      const fault = parseFault(input)
      return fault === null ? refused() : json({ faults: server.faults.add(fault) })
    }
    case 'POST /__admin/outage':
      if (typeof input.on !== 'boolean') return refused()
      server.outage(input.on)
      return json({ outage: input.on })
    default:
      return refused()
  }
}

function parseJson(body: Buffer): { [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(body.toString())
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function json(value: object): Answer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

function refused(): Answer {
  return failure(400, 'bad_request', 'Unknown route or body of the fault API.')
}
