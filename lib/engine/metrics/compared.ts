import type { Recorder } from './recorder.js'

/** One request that has met both stores: how long each took, and by how much the target took longer. */
export function recordPair(recorder: Recorder, component: string, ms: { source: number; target: number }): void {
  for (const path of ['source', 'target'] as const) {
    recorder.operation(recorder.cell({ component, path, operation: 'compare' }), ms[path], false)
  }
  const difference = ms.target - ms.source
  const series = { component, path: null, operation: 'compare' }
  recorder.count(series, 'pairs')
  recorder.count(series, 'differenceMs', difference)
  recorder.count(series, 'differenceMsSquared', difference ** 2)
}

/** What a comparison has come to; what could not be judged is counted as that. */
export function recordVerdict(recorder: Recorder, component: string, kind: string): void {
  const name = kind === 'match' ? 'matched' : kind === 'mismatch' ? 'mismatched' : 'inconclusive'
  recorder.count({ component, path: null, operation: 'compare' }, name)
}
