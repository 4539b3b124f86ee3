import type { JsonObject } from '../core/json.js'
import { PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX } from './data.js'
import { jsonContent, type OpenapiDocument, type Operation, PROBLEM_RESPONSE } from './openapi-document.js'

/** The five operations on the records of one collection. */
export function collectionPaths(collection: string, recordRef: JsonObject): OpenapiDocument['paths'] {
  const operation = (name: string, summary: string, rest: Pick<Operation, 'parameters' | 'responses'>): Operation => ({
    operationId: `${name}-${collection}`,
    summary,
    tags: [collection],
    ...rest,
    responses: { ...rest.responses, default: PROBLEM_RESPONSE },
    security: [{ bearer: [] }],
  })
  const found = { description: 'The record', headers: HEADERS, content: jsonContent(recordRef) }
  const written = { ...found, description: 'The record as it is now' }
  const body = (types: string[]): JsonObject => ({
    required: true,
    content: Object.fromEntries(types.map((type) => [type, { schema: recordRef }])),
  })
  const patch = { type: 'object', description: 'An RFC 7386 merge patch: null removes a member' }
  return {
    [`/api/v1/${collection}`]: {
      get: operation('list', 'List records in id order', {
        parameters: [...LIST_PARAMETERS, SESSION],
        responses: { '200': { description: 'A page', headers: HEADERS, content: jsonContent(page(recordRef)) } },
      }),
    },
    [`/api/v1/${collection}/{id}`]: {
      get: operation('get', 'Read one record', {
        parameters: [ID, header('If-None-Match', 'ETags the caller holds already'), SESSION, CONTROL],
        responses: { '200': found, '304': { description: 'The caller holds this version' } },
      }),
      put: {
        ...operation('put', 'Create or replace one record', {
          parameters: [ID, ...WRITE_HEADERS],
          responses: { '200': written, '201': { ...written, description: 'The record, created' } },
        }),
        requestBody: body(['application/json']),
      },
      patch: {
        ...operation('patch', 'Change members of one record', {
          parameters: [ID, ...WRITE_HEADERS],
          responses: { '200': written, '204': { description: 'Done before; the record has changed since' } },
        }),
        requestBody: { required: true, content: { 'application/merge-patch+json': { schema: patch } } },
      },
      delete: operation('delete', 'Delete one record', {
        parameters: [ID, ...WRITE_HEADERS],
        responses: { '204': { description: 'Deleted' } },
      }),
    },
  }
}

function header(name: string, description: string): JsonObject {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } }
}

const ID: JsonObject = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Percent-encoded, slashes too',
  schema: { type: 'string', minLength: 1 },
}

const SESSION = header(
  'Cutover-Session',
  '"new", or what answers before gave: a kept copy may answer that is no older than what this client has seen',
)
const CONTROL = header('Cache-Control', 'max-age or max-stale: a kept copy of that age may answer')

const WRITE_HEADERS: JsonObject[] = [
  header('If-Match', 'One ETag, or * for any version: the write happens only on that version'),
  header('If-None-Match', '*: the write happens only when the record is absent'),
  header('Idempotency-Key', '1 to 200 visible ASCII characters; a resend with the same key happens once'),
  SESSION,
]

const LIST_PARAMETERS: JsonObject[] = [
  { name: 'cursor', in: 'query', description: 'nextCursor of the page before', schema: { type: 'string' } },
  {
    name: 'limit',
    in: 'query',
    schema: { type: 'integer', minimum: 1, maximum: PAGE_ITEMS_MAX, default: PAGE_ITEMS_DEFAULT },
  },
]

const HEADERS: JsonObject = {
  ETag: { description: 'The version, strong', schema: { type: 'string' } },
  'Cutover-Stage': { description: 'Stage of the migration that the record is in', schema: { type: 'string' } },
  'Cutover-Served-By': { description: 'The store that answered', schema: { enum: ['source', 'target'] } },
  'Cutover-Epoch': { description: 'Counts the changes of stage', schema: { type: 'string' } },
  'Cutover-Session': { description: 'To carry on, for clients that carry one', schema: { type: 'string' } },
  'Cutover-Cache': { description: 'A kept copy has answered', schema: { const: 'hit' } },
  Age: { description: 'Seconds since it was read, of a kept copy', schema: { type: 'string' } },
}

function page(recordRef: JsonObject): JsonObject {
  const item = {
    type: 'object',
    required: ['id', 'etag', 'value'],
    properties: { id: { type: 'string' }, etag: { type: 'string' }, value: recordRef },
  }
  return {
    type: 'object',
    required: ['items', 'nextCursor'],
    properties: {
      items: { type: 'array', items: item },
      nextCursor: { type: ['string', 'null'], description: 'null on the last page' },
    },
  }
}
