import { drawFrom } from '../../core/checkpoint/draw.js'
import type { ReadRequest } from '../../core/checkpoint/request.js'
import { encodeCursor } from '../../core/cursor.js'
import type { Collection } from '../collection.js'
import type { PartitionState } from '../data-plane/partition.js'
import { sideBySide } from '../side-by-side.js'
import { isDamage } from '../validate/sight.js'
import { type OneSided, oneSided } from './one-sided.js'

/**
 * Requests that need no traffic: records that are there (drawn from pages of either store), ids that are not, ids that
 * are written in odd ways or are none, conditions that hold and that do not, lists with every kind of limit and cursor.
 */
export async function builtInRequests(
  collection: Collection,
  states: readonly PartitionState[],
  salt: string,
): Promise<ReadRequest[]> {
  const sides = [oneSided(collection, states, 'source'), oneSided(collection, states, 'target')]
  const all = (await sideBySide(sides, firstItems)).flat()
  const etags = new Map(all.map(({ id, etag }) => [id, etag]))
  const drawn = drawFrom({ salt, chosen: [] }, [...etags.keys()], RECORDS).chosen.map(([, , id]) => id)
  const absent = Array.from({ length: ABSENT }, (_, number) => `absent-${salt}-${number}`)
  return [
    ...drawn.map(record),
    ...drawn.slice(0, CONDITIONAL).flatMap((id) => conditional(id, etags.get(id) ?? '')),
    ...absent.map(record),
    ...ODD_IDS.map(record),
    ...BARE_PATHS.map((path) => ({ path })),
    ...LIMITS.map((limit) => ({ path: '', limit })),
    ...drawn.slice(0, CURSORS).flatMap((id, number) => [
      { path: '', cursor: encodeCursor(collection.name, id) },
      { path: '', cursor: encodeCursor(collection.name, id), limit: String(number + 1) },
    ]),
    { path: '', cursor: encodeCursor(collection.name, absent[0] ?? 'absent') },
    { path: '', cursor: encodeCursor(`${collection.name}-other`, 'a') },
    { path: '', cursor: 'not-a-cursor' },
    { path: '' },
  ]
}

/** A listing that is damaged names nothing; that its records are served otherwise is for the requests to show. */
async function firstItems(side: OneSided): Promise<{ id: string; etag: string }[]> {
  try {
    return (await side.list(null, PAGE)).items
  } catch (error) {
    if (isDamage(error)) return []
    throw error
  }
}

const PAGE = 200
const RECORDS = 12
const CONDITIONAL = 2
const CURSORS = 4
const ABSENT = 3
const LIMITS = ['1', '2', '7', '200', '0', '201', '-1', '1.5', 'many', '']
const ODD_IDS = [
  ...[' ', 'a b', 'a/b', 'a%b', 'a+b', "a'b", 'a"b', 'ä', '日本', '🙂', '~', '-', '0', '00', 'null'],
  ...['__proto__', '$cutover', 'constructor', 'toString', '\u0000', '\u007f', 'x'.repeat(512), 'x'.repeat(513)],
]
/** Not the encoding of any text. */
const BARE_PATHS = ['/%', '/%zz', '/%ff', '/%ed%a0%80']

function record(id: string): ReadRequest {
  return { path: `/${encodeURIComponent(id)}` }
}

function conditional(id: string, etag: string): ReadRequest[] {
  const { path } = record(id)
  return [
    { path, ifNoneMatch: `"${etag}"` },
    { path, ifNoneMatch: '"no-such-version"' },
    { path, ifNoneMatch: '*' },
    { path, ifMatch: `"${etag}"` },
    { path, ifMatch: '"no-such-version", W/"2"' },
    { path, ifMatch: 'no tag' },
  ]
}
