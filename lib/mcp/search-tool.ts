import * as z from 'zod'
import { decodeCursor, encodeCursor } from '../core/cursor.js'
import type { DataPlane, ListOutcome } from '../core/data-plane.js'
import type { Json, JsonObject } from '../core/json.js'
import type { McpCollection } from './collection.js'
import { itemOf, nextAfter, READ_ONLY, seenIn } from './read-tools.js'
import { cursorSchema, LIMIT_MAX, limitSchema, searchPageSchema } from './schemas.js'
import type { Tool, ToolAnswer } from './tool.js'

/** There is no index: one call reads at most this many pages, so that it ends well within a function's time. */
export const SEARCH_PAGES_MAX = 10

export function searchTool(dataPlane: DataPlane, { name }: McpCollection): Tool {
  const inputSchema = z.strictObject({
    query: z.string().min(1).max(200).describe('Text to find, in any case'),
    cursor: cursorSchema.optional(),
    limit: limitSchema,
  })
  return {
    name: `search_${name}`,
    title: `Search ${name}`,
    description:
      `Finds ${name} that contain the query in any text value. One call looks at up to ${SEARCH_PAGES_MAX * LIMIT_MAX} ` +
      'records and may find none of those; while there is a nextCursor, go on with it.',
    role: null,
    annotations: READ_ONLY,
    inputSchema,
    outputSchema: searchPageSchema,
    run({ query, cursor, limit }: z.output<typeof inputSchema>) {
      const after = cursor === undefined ? null : decodeCursor(name, cursor)
      return search(dataPlane, name, { needle: fold(query), after, limit })
    },
  }
}

async function search(
  dataPlane: DataPlane,
  collection: string,
  { needle, after, limit }: { needle: string; after: string | null; limit: number },
): Promise<ToolAnswer> {
  const items: ListOutcome['items'] = []
  let next = after
  let scanned = 0
  for (let pages = 1; ; pages++) {
    const page = await dataPlane.list(collection, next, LIMIT_MAX)
    const looked = upToLimit(page.items, needle, limit - items.length)
    items.push(...looked.found)
    scanned += looked.scanned
    next = looked.scanned < page.items.length ? (page.items[looked.scanned - 1]?.id ?? next) : nextAfter(page)
    if (next === null || items.length === limit || pages === SEARCH_PAGES_MAX) {
      const nextCursor = next === null ? {} : { nextCursor: encodeCursor(collection, next) }
      const seen = seenIn(collection, { items, epoch: page.epoch })
      return { output: { items: items.map(itemOf), scanned, ...nextCursor }, served: page, seen }
    }
  }
}

/** Looks at items until `limit` of them contain the needle. */
function upToLimit(items: ListOutcome['items'], needle: string, limit: number) {
  const found: ListOutcome['items'] = []
  let scanned = 0
  for (const item of items) {
    if (found.length === limit) break
    scanned++
    if (contains(item.value, needle)) found.push(item)
  }
  return { found, scanned }
}

/** Looks into values at any depth; names of members are not text of the record. */
function contains(record: JsonObject, needle: string): boolean {
  const open: Json[] = [record]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === 'string' && fold(value).includes(needle)) return true
    if (typeof value === 'object' && value !== null) open.push(...Object.values(value))
  }
  return false
}

/** One spelling for letters that differ in case or in how accents are composed. */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}
