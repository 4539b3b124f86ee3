import { type McpServer, type Resource, ResourceNotFoundError, ResourceTemplate } from '@modelcontextprotocol/server'
import { decodeCursor, encodeCursor } from '../core/cursor.js'
import type { DataPlane } from '../core/data-plane.js'
import { CutoverError } from '../core/error.js'
import { faultOfId } from '../core/id.js'
import type { McpCollection } from './collection.js'
import { protocolError } from './errors.js'
import { nextAfter } from './read-tools.js'
import { originOf } from './tool.js'

export interface RecordResources {
  dataPlane: DataPlane
  collections: readonly McpCollection[]
  onError: (error: unknown) => void
}

/** Records in one page of `resources/list`. */
const RESOURCES_PAGE = 100

/** Every record as a resource: `cutover://projects/{id}`, the id percent-encoded. */
export function registerRecords(server: McpServer, plan: RecordResources): void {
  for (const collection of plan.collections) registerTemplate(server, plan, collection)
  // The SDK's own handler of this request knows no pages.
  server.server.setRequestHandler('resources/list', async (request) => {
    try {
      return await listRecords(plan, request.params?.cursor)
    } catch (error) {
      throw protocolError(error, plan.onError)
    }
  })
}

export function uriOf(collection: string, id: string): string {
  return `cutover://${collection}/${encodeURIComponent(id)}`
}

function registerTemplate(server: McpServer, { dataPlane, onError }: RecordResources, collection: McpCollection): void {
  const { name, singular } = collection
  const template = new ResourceTemplate(`cutover://${name}/{id}`, { list: undefined })
  const metadata = { title: `One ${singular}`, description: `A ${singular} by its id`, mimeType: JSON_TYPE }
  server.registerResource(singular, template, metadata, async (uri, variables) => {
    const id = decodeId(variables.id)
    if (id === null) throw new ResourceNotFoundError(uri.href)
    try {
      const found = await dataPlane.get(name, id)
      if (found.kind === 'absent') throw new ResourceNotFoundError(uri.href)
      const _meta = { 'cutover/etag': found.etag, ...originOf(found) }
      return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text: JSON.stringify(found.value), _meta }] }
    } catch (error) {
      throw protocolError(error, onError)
    }
  })
}

/** One collection after the other. A cursor names its collection, and goes on in the next where that one ends. */
async function listRecords({ dataPlane, collections }: RecordResources, cursor: string | undefined) {
  const start = cursor === undefined ? { at: 0, after: null } : positionOf(collections, cursor)
  const resources: Resource[] = []
  let after: string | null = start.after
  for (const { name } of collections.slice(start.at)) {
    const page = await dataPlane.list(name, after, RESOURCES_PAGE - resources.length)
    for (const { id, value } of page.items) {
      resources.push({ uri: uriOf(name, id), name: nameOf(value.name, id), mimeType: JSON_TYPE })
    }
    const full = resources.length === RESOURCES_PAGE && name !== collections.at(-1)?.name
    const next = full ? page.items.at(-1)?.id : nextAfter(page)
    if (typeof next === 'string') return { resources, nextCursor: encodeCursor(name, next) }
    after = null
  }
  return { resources }
}

function positionOf(collections: readonly McpCollection[], cursor: string): { at: number; after: string } {
  for (const [at, { name }] of collections.entries()) {
    try {
      return { at, after: decodeCursor(name, cursor) }
    } catch (error) {
      if (!(error instanceof CutoverError)) throw error
    }
  }
  throw new CutoverError('invalid-input', 'The cursor is not one that this listing has made.')
}

function nameOf(name: unknown, id: string): string {
  return typeof name === 'string' && name !== '' ? name : id
}

function decodeId(encoded: string | string[] | undefined): string | null {
  if (typeof encoded !== 'string') return null
  try {
    const id = decodeURIComponent(encoded)
    return faultOfId(id) === null ? id : null
  } catch {
    return null // a lone percent sign or bytes that are not UTF-8
  }
}

const JSON_TYPE = 'application/json'
