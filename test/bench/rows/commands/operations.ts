import { randomUUID } from 'node:crypto'
import type { Mutation } from '../../../../lib/core/data-plane.js'
import type { Operation } from '../../../../lib/core/operation.js'
import type { Wired } from '../../../../lib/wire.js'
import { COLLECTION, idOf, recordOf } from '../../parts/deployment.js'
import type { OperationName } from './table.js'

const PAGE = 50
/** Beyond the records that are deleted: a page of tombstones is passed over, by reading another one. */
const LIST_AFTER = 300
const BYTES = 300

/** The operation on record `number`, made ready: what is answered by calling it is all that there is to count. */
export async function ready(
  { dataPlane }: Wired,
  operation: OperationName,
  number: number,
): Promise<() => Promise<unknown>> {
  const id = idOf(number)
  const value = recordOf(number, BYTES)
  const write = (mutation: Mutation) => () => dataPlane.write(COLLECTION, id, freshOperation(), mutation)
  switch (operation) {
    case 'read':
      return () => dataPlane.get(COLLECTION, id)
    case 'list of a page':
      return () => dataPlane.list(COLLECTION, idOf(LIST_AFTER), PAGE)
    case 'put':
      return write({ kind: 'put', value })
    case 'put with If-Match': {
      const found = await dataPlane.get(COLLECTION, id)
      const etag = found.kind === 'found' ? found.etag : ''
      return write({ kind: 'put', value, condition: { kind: 'if-match', etag } })
    }
    case 'patch':
      return write({ kind: 'patch', change: (current) => ({ ...current, done: current.done !== true }) })
    case 'delete':
      return write({ kind: 'delete' })
  }
}

/** As a surface makes it for a request without an Idempotency-Key. */
export function freshOperation(): Operation {
  return { op: randomUUID(), startedAt: Date.now(), named: false }
}
