import type { JsonObject } from '../core/json.js'
import { CONTROL_BASE } from './control.js'
import {
  BY_TOKEN_OR_SESSION,
  jsonContent,
  type OpenapiDocument,
  type Operation,
  PROBLEM_RESPONSE,
} from './openapi-document.js'
import { SESSION_PATHS } from './openapi-session.js'

/** What a deployment serves beside records and operators' verbs. */
export const SERVICE_PATHS: OpenapiDocument['paths'] = {
  '/api/health': {
    get: described('health', 'Whether the service can do its work', {
      '200': { description: 'Healthy' },
      '503': { description: 'Not healthy; issues lists why' },
    }),
  },
  ...SESSION_PATHS,
  [`${CONTROL_BASE}/events`]: {
    get: {
      ...described('events', 'What happens, as server-sent events; Last-Event-ID goes on where one was cut off', {
        '200': { description: 'Events: a kind, a position as id, and JSON', content: { 'text/event-stream': {} } },
      }),
      parameters: [
        query('kinds', 'Kinds with commas between; default: all'),
        query('after', 'Position to go on after; default: from now on'),
      ],
      security: BY_TOKEN_OR_SESSION,
    },
  },
  [`${CONTROL_BASE}/metrics/prometheus`]: {
    get: {
      ...described('prometheus', 'Metrics in the Prometheus text format', {
        '200': { description: 'Metrics', content: { 'text/plain': {} } },
      }),
      security: BY_TOKEN_OR_SESSION,
    },
  },
  '/ofrep/v1/evaluate/flags/{key}': {
    post: {
      ...described('evaluate-one', 'One flag for a context (OpenFeature remote evaluation protocol)', {
        '200': { description: 'Its value, variant and reason', content: jsonContent({ type: 'object' }) },
        '404': { description: 'There is no such flag', content: jsonContent({ type: 'object' }) },
      }),
      parameters: [{ name: 'key', in: 'path', required: true, schema: { type: 'string' } }],
      requestBody: { required: true, content: jsonContent(evaluation()) },
      ...secured(),
    },
  },
  '/ofrep/v1/evaluate/flags': {
    post: {
      ...described('evaluate-all', 'Every flag for a context (OpenFeature remote evaluation protocol)', {
        '200': { description: 'All values; ETag', content: jsonContent({ type: 'object' }) },
        '304': { description: 'Nothing has changed since the ETag in If-None-Match' },
      }),
      requestBody: { required: true, content: jsonContent(evaluation()) },
      ...secured(),
    },
  },
  '/ofrep/v1/configuration': {
    get: {
      ...described('evaluation-configuration', 'How OpenFeature clients are to ask', {
        '200': { description: 'Polling and what is supported', content: jsonContent({ type: 'object' }) },
      }),
      ...secured(),
    },
  },
  '/.well-known/vercel/flags': {
    get: described('vercel-flags', 'Flags for the toolbar of Vercel, for whoever FLAGS_SECRET has signed for', {
      '200': { description: 'Definitions', content: jsonContent({ type: 'object' }) },
    }),
  },
  '/mcp': {
    post: described('mcp', 'The Model Context Protocol, 2026-07-28 and 2025-11-25, without sessions', {
      '200': { description: 'An answer', content: jsonContent({ type: 'object' }) },
    }),
  },
  '/api/jobs/run': { post: delivered('deliver-run', 'A delivery of the queue: goes on with a run') },
  '/api/jobs/program': { post: delivered('deliver-program', 'A delivery of the queue: gives a program a turn') },
  '/api/jobs/tick': { post: delivered('deliver-tick', 'A delivery of the queue: does what the cron does') },
  '/api/cron/tick': {
    get: described('cron-tick', 'Looks after stores, runs, plans and rules; for the cron, with its secret', {
      '200': { description: 'What was done', content: jsonContent({ type: 'object' }) },
    }),
  },
}

function described(operationId: string, summary: string, responses: JsonObject): Operation {
  return { operationId, summary, tags: ['service'], responses: { ...responses, default: PROBLEM_RESPONSE } }
}

function delivered(operationId: string, summary: string): Operation {
  const responses = { '200': { description: 'Done, or not needed any more' } }
  return { ...described(operationId, summary, responses), description: 'Refused without the signature of the queue.' }
}

function query(name: string, description: string): JsonObject {
  return { name, in: 'query', required: false, description, schema: { type: 'string' } }
}

function secured(): Pick<Operation, 'security'> {
  return { security: [{ bearer: [] }] }
}

/** What flags are evaluated for. */
function evaluation(): JsonObject {
  const context = { type: 'object', properties: { targetingKey: { type: 'string' } } }
  return { type: 'object', properties: { context } }
}
