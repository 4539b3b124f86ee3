import * as z from 'zod'
import { decodeCursor, encodeCursor } from '../core/cursor.js'
import type { DataPlane, ListOutcome } from '../core/data-plane.js'
import { CutoverError } from '../core/error.js'
import { checkId } from '../core/id.js'
import { type Sighting, sightingOf } from '../core/session.js'
import type { McpCollection } from './collection.js'
import { cursorSchema, idSchema, itemSchema, limitSchema, pageSchema } from './schemas.js'
import type { Hints, Tool } from './tool.js'

export function readTools(dataPlane: DataPlane, collection: McpCollection): Tool[] {
  return [listTool(dataPlane, collection), getTool(dataPlane, collection)]
}

export const READ_ONLY: Hints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
}

function listTool(dataPlane: DataPlane, { name }: McpCollection): Tool {
  const inputSchema = z.strictObject({ cursor: cursorSchema.optional(), limit: limitSchema })
  return {
    name: `list_${name}`,
    title: `List ${name}`,
    description: `Lists ${name} in id order, a page at a time.`,
    role: null,
    annotations: READ_ONLY,
    inputSchema,
    outputSchema: pageSchema,
    async run({ cursor, limit }: z.output<typeof inputSchema>) {
      const after = cursor === undefined ? null : decodeCursor(name, cursor)
      const page = await dataPlane.list(name, after, limit)
      const next = nextAfter(page)
      const nextCursor = next === null ? {} : { nextCursor: encodeCursor(name, next) }
      return { output: { items: page.items.map(itemOf), ...nextCursor }, served: page, seen: seenIn(name, page) }
    },
  }
}

function getTool(dataPlane: DataPlane, { name, singular }: McpCollection): Tool {
  const inputSchema = z.strictObject({ id: idSchema })
  return {
    name: `get_${singular}`,
    title: `Get ${singular}`,
    description: `Reads one ${singular} by its id.`,
    role: null,
    annotations: READ_ONLY,
    inputSchema,
    outputSchema: itemSchema,
    async run({ id }: z.output<typeof inputSchema>, _caller, fresh) {
      const { accepted } = fresh
      const kept = accepted === null ? null : (dataPlane.recall?.(name, checkId(id), accepted) ?? null)
      const found = kept ?? (await dataPlane.get(name, checkId(id)))
      const seen = [sightingOf(name, id, found)]
      fresh.seen.push(...seen)
      if (found.kind === 'absent') throw new CutoverError('not-found', `There is no ${singular} with this id.`)
      return { output: itemOf({ id, ...found }), served: found, seen, ...(kept === null ? {} : { ageMs: kept.ageMs }) }
    },
  }
}

/** Where the next page begins; `null` at the end. A page that is neither the end nor a step towards it is a fault. */
export function nextAfter({ items, end }: ListOutcome): string | null {
  if (end) return null
  const last = items.at(-1)
  if (last === undefined) throw new CutoverError('internal', 'A page in the midst of a listing holds no record.')
  return last.id
}

/** What a page of records tells of each. */
export function seenIn(collection: string, { items, epoch }: Pick<ListOutcome, 'items' | 'epoch'>): Sighting[] {
  return items.map(({ id, etag }) => sightingOf(collection, id, { epoch, etag }))
}

export function itemOf({ id, etag, value }: ListOutcome['items'][number]): z.input<typeof itemSchema> {
  return { id, etag, record: value }
}
