import type { Row } from './row.js'

/** Every row, by number; each file is loaded only in the process that measures it. */
export const ROWS: { [number: number]: () => Promise<{ row: Row }> } = {
  1: () => import('./rows/01-data-plane.js'),
  2: () => import('./rows/02-reads.js'),
  3: () => import('./rows/03-writes.js'),
  4: () => import('./rows/04-commands.js'),
  5: () => import('./rows/05-hung-store.js'),
  6: () => import('./rows/06-back-fill.js'),
  7: () => import('./rows/07-validate.js'),
  8: () => import('./rows/08-memory.js'),
  9: () => import('./rows/09-slowdown.js'),
  10: () => import('./rows/10-cold-start.js'),
  11: () => import('./rows/11-mcp-call.js'),
  12: () => import('./rows/12-stage-change.js'),
  13: () => import('./rows/13-estimate.js'),
}

export async function rowOf(number: number): Promise<Row> {
  const load = ROWS[number]
  if (load === undefined) throw new Error(`There is no row ${number}. There are: ${Object.keys(ROWS).join(', ')}.`)
  return (await load()).row
}
