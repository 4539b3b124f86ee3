import type { Series } from '../core/metrics/measurement.js'
import type { Recorder } from '../engine/metrics/recorder.js'

/**
 * Counts requests of clients, and those whose client went away before there was an answer. A request for records
 * belongs to its collection, one to the endpoint of the tools to all of them; operators' requests are not counted. A
 * client that goes away while the answer is on its way to it is not seen here.
 */
export function connectionCounter(
  recorder: Recorder,
  collections: readonly string[],
): (path: string, dropped: boolean) => void {
  const all = collections.map(runtimeOf)
  const known = new Map(collections.map((name, at) => [name, all.slice(at, at + 1)]))
  return (path, dropped) => {
    const of = path === '/mcp' ? all : path.startsWith(RECORDS) ? known.get(collectionIn(path)) : undefined
    for (const series of of ?? []) {
      recorder.count(series, 'connections')
      if (dropped) recorder.count(series, 'dropped')
    }
  }
}

const RECORDS = '/api/v1/'

function collectionIn(path: string): string {
  const end = path.indexOf('/', RECORDS.length)
  return end < 0 ? path.slice(RECORDS.length) : path.slice(RECORDS.length, end)
}

function runtimeOf(component: string): Series {
  return { component, path: null, operation: 'runtime' }
}
