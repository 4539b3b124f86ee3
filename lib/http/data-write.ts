import type { Context } from 'hono'
import { type CollectionSchemas, checkRecord } from '../commands/records/check.js'
import { checkSize, RECORD_BYTES_MAX } from '../commands/records/size.js'
import type { Condition, DataPlane, Mutation, WriteOutcome } from '../core/data-plane.js'
import { CutoverError } from '../core/error.js'
import { isJsonObject, type JsonObject } from '../core/json.js'
import { parseJsonText } from '../core/json-text.js'
import { mergePatch } from '../core/merge-patch.js'
import { sightingOf } from '../core/session.js'
import type { Clock } from '../ports/clock.js'
import { checkContentType, readText } from './body.js'
import { operationOf } from './operation.js'
import { writeCondition } from './preconditions.js'
import { sendRecord, showServed } from './served.js'
import { acceptedOf, showSession } from './session.js'

/** PUT, PATCH or DELETE of one record. Everything about the request is judged before the data plane is asked. */
export async function writeRecord(c: Context, parts: WriteParts, address: Address): Promise<Response> {
  const request = c.req.raw
  const { collection, id } = address
  const condition = writeCondition(request.headers)
  const { session } = acceptedOf(request.headers)
  const body = request.method === 'DELETE' ? '' : await readBody(request, parts)
  const mutation = await mutationOf(request.method, body, condition, parts, address)
  const operation = await operationOf(request, { collection, id, body }, parts.clock)
  const outcome = await parts.dataPlane.write(collection, id, operation, mutation)
  showServed(c, outcome)
  showSession(c, session, [sightingOf(collection, id, outcome)])
  if (mutation.kind === 'delete') return c.body(null, 204)
  if (outcome.created) c.header('Location', `/api/v1/${encodeURIComponent(collection)}/${encodeURIComponent(id)}`)
  // A repeated answer brings no value: a put's is the one sent, a patch's can be read while nothing follows it.
  const sent = mutation.kind === 'put' ? mutation.value : null
  const value = outcome.value ?? sent ?? (await readBack(parts.dataPlane, address, outcome))
  if (value === null) return c.body(null, 204)
  return sendRecord(c, value, outcome.etag, outcome.created ? 201 : 200)
}

export interface WriteParts {
  dataPlane: DataPlane
  schemas: () => Promise<CollectionSchemas>
  limits?: { recordBytesMax?: number }
  clock: Pick<Clock, 'now' | 'id'>
}

interface Address {
  collection: string
  id: string
}

const JSON_TYPE = 'application/json'
const PATCH_TYPE = 'application/merge-patch+json'

function readBody(request: Request, parts: WriteParts): Promise<string> {
  checkContentType(request, request.method === 'PATCH' ? [PATCH_TYPE, JSON_TYPE] : [JSON_TYPE])
  return readText(request, parts.limits?.recordBytesMax ?? RECORD_BYTES_MAX)
}

async function mutationOf(
  method: string,
  body: string,
  condition: Condition | null,
  parts: WriteParts,
  address: Address,
): Promise<Mutation> {
  const when = condition === null ? {} : { condition }
  if (method === 'DELETE') return { kind: 'delete', ...when }
  const sent = parseJsonText(body, 'The body', { duplicates: true })
  if (!isJsonObject(sent)) throw new CutoverError('invalid-input', 'The body is not a JSON object.')
  const schemas = await parts.schemas()
  const recordOf = (value: JsonObject): JsonObject =>
    checkSize(checkRecord(schemas, address.collection, address.id, value), parts.limits?.recordBytesMax)
  if (method === 'PUT') return { kind: 'put', value: recordOf(sent), ...when }
  if (sent.id === null) throw new CutoverError('invalid-input', 'A record cannot lose its id.')
  return { kind: 'patch', change: (current) => recordOf(mergePatch(current, sent)), ...when }
}

/** `null` also where nobody answers: the write has happened, and an error here would say that it has not. */
async function readBack(dataPlane: DataPlane, address: Address, outcome: WriteOutcome): Promise<JsonObject | null> {
  const current = await dataPlane.get(address.collection, address.id).catch((error: unknown) => {
    if (error instanceof CutoverError) return null
    throw error
  })
  return current?.kind === 'found' && current.etag === outcome.etag ? current.value : null
}
