import type { Json, JsonObject } from '../core/json.js'

/** As much of OpenAPI 3.1 as the description uses. */
export interface OpenapiDocument {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  paths: { [path: string]: { [method: string]: Operation } }
  components: { schemas: JsonObject; securitySchemes: JsonObject }
}

export interface Operation {
  operationId: string
  summary: string
  tags: string[]
  description?: string
  parameters?: JsonObject[]
  requestBody?: JsonObject
  responses: JsonObject
  security?: Security
}

/** Any one of them. */
type Security = { [scheme in keyof typeof SECURITY_SCHEMES]?: string[] }[]

export const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-cutover',
    description:
      'Set by POST /api/session (where the deployment is not reached by https, its name is `cutover`). Requests other ' +
      'than GET have to come from the same origin.',
  },
}

/** For programs, and for people at the dashboard. */
export const BY_TOKEN_OR_SESSION: Security = [{ bearer: [] }, { session: [] }]

export function jsonContent(schema: Json): JsonObject {
  return { 'application/json': { schema } }
}

export const PROBLEM_RESPONSE: JsonObject = {
  description: 'What is wrong, as an RFC 9457 problem document',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

export const PROBLEM: JsonObject = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Stable; for programs' },
    details: { type: 'object', description: 'Particulars: paths, positions, limits' },
    requestId: { type: 'string', description: 'Finds the request in the log' },
  },
}
