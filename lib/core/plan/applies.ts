import type { Condition } from './plan.js'

/** Whether a condition can be asked of such a component. Stores, copies and comparisons of records are collections'. */
export function appliesTo({ kind }: Condition, component: 'collection' | 'flag'): boolean {
  return component === 'collection' || OF_ALL.has(kind)
}

const OF_ALL: ReadonlySet<Condition['kind']> = new Set<Condition['kind']>([
  'error-rate',
  'no-alerts',
  'no-breach',
  'checkpoint',
  'threshold',
])
