import type { JsonObject } from '../core/json.js'
import { jsonContent, type OpenapiDocument, type Operation, PROBLEM_RESPONSE } from './openapi-document.js'

/** Signing in and out of the dashboard. */
export const SESSION_PATHS: OpenapiDocument['paths'] = {
  '/api/session': {
    post: {
      ...described('sign-in', 'Exchanges a token for a session, which a cookie keeps that scripts cannot read', {
        '200': whose(),
        '303': { description: 'To a form: signed in, or with a word in the query that says why not' },
      }),
      description: 'Refused unless it comes from the same origin.',
      requestBody: {
        required: true,
        content: { ...jsonContent(offered()), 'application/x-www-form-urlencoded': { schema: offered() } },
      },
    },
    get: {
      ...described('show-session', 'Who is signed in, and until when', { '200': whose() }),
      security: [{ session: [] }],
    },
    delete: {
      ...described('sign-out', 'Ends the session in this browser', { '204': { description: 'Ended' } }),
      description: 'Refused unless it comes from the same origin.',
    },
  },
  '/api/session/end': {
    post: {
      ...described('sign-out-by-form', 'Ends the session in this browser', {
        '303': { description: 'Ended; leads to the page' },
      }),
      description: 'Refused unless it comes from the same origin.',
    },
  },
}

function described(operationId: string, summary: string, responses: JsonObject): Operation {
  return { operationId, summary, tags: ['session'], responses: { ...responses, default: PROBLEM_RESPONSE } }
}

function offered(): JsonObject {
  const name = { type: 'string', maxLength: 64, description: 'Whose hand it is, for the audit trail' }
  const properties = { token: { type: 'string', description: 'Of a viewer, an operator or an admin' }, name }
  return { type: 'object', required: ['token'], additionalProperties: false, properties }
}

function whose(): JsonObject {
  const properties = {
    name: { type: 'string', description: 'As the audit trail names the caller' },
    role: { type: 'string', enum: ['viewer', 'operator', 'admin'] },
    expiresAt: { type: 'string', format: 'date-time', description: 'Unless it is used before; use prolongs it' },
  }
  const schema = { type: 'object', required: Object.keys(properties), additionalProperties: false, properties }
  return { description: 'The session', content: jsonContent(schema) }
}
