import type * as z from 'zod'
import type { Command } from '../commands/command.js'
import type { CollectionSchemas } from '../commands/records/check.js'
import type { JsonObject } from '../core/json.js'
import { CONTROL_BASE, placesOf } from './control.js'
import { collectionPaths } from './openapi-data.js'
import {
  BY_TOKEN_OR_SESSION,
  jsonContent,
  type OpenapiDocument,
  type Operation,
  PROBLEM,
  PROBLEM_RESPONSE,
  SECURITY_SCHEMES,
} from './openapi-document.js'
import { SchemaComponents } from './openapi-schema.js'
import { SERVICE_PATHS } from './openapi-service.js'

/**
 * The OpenAPI 3.1 description of the records and of every command, made from the schemas that judge the requests, so
 * that the two cannot come apart.
 */
export function openapiDocument(parts: OpenapiParts): OpenapiDocument {
  const components = new SchemaComponents()
  components.set('Problem', PROBLEM)
  const paths: OpenapiDocument['paths'] = { ...SERVICE_PATHS }
  for (const [collection, schema] of Object.entries(parts.schemas)) {
    const recordRef = components.add(`${collection}-record`, schema)
    Object.assign(paths, collectionPaths(collection, recordRef))
  }
  for (const command of parts.commands) {
    for (const [number, place] of placesOf(command).entries()) {
      const path = CONTROL_BASE + place.path
      const operation = commandOperation(command, place.path, components)
      // An id names one operation; the further paths of a command number theirs.
      const operationId = number === 0 ? command.name : `${command.name}-${number + 1}`
      paths[path] = { ...paths[path], [command.http.method.toLowerCase()]: { ...operation, operationId } }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'cutover',
      version: parts.version,
      description: 'Records that stay readable and writable while they move from one store to another.',
    },
    paths,
    components: {
      schemas: components.all(),
      securitySchemes: SECURITY_SCHEMES,
    },
  }
}

export interface OpenapiParts {
  commands: readonly DescribedCommand[]
  schemas: CollectionSchemas
  version: string
}

export type DescribedCommand = Omit<Command<unknown, z.ZodType, z.ZodType>, 'run'>

/** The input without its path parameters is the query of a GET and the body of all others. */
function commandOperation(command: DescribedCommand, path: string, components: SchemaComponents): Operation {
  const input = components.inline(`${command.name}-input`, command.input)
  const outputRef = components.add(`${command.name}-output`, command.output)
  const properties = new Map(Object.entries((input.properties ?? {}) as JsonObject))
  const required = (input.required ?? []) as string[]
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const isQuery = command.http.method === 'GET'

  const parameters: JsonObject[] = inPath.map((name) => {
    const schema = properties.get(name) ?? { type: 'string' }
    return { name, in: 'path', required: true, schema }
  })
  for (const name of inPath) properties.delete(name)
  if (isQuery) {
    for (const [name, schema] of properties) {
      parameters.push({ name, in: 'query', required: required.includes(name), schema })
    }
  }
  const needed = required.filter((name) => !inPath.includes(name))
  const body = { ...input, properties: Object.fromEntries(properties), required: needed }
  const requestBody = { required: needed.length > 0, content: jsonContent(body) }
  return {
    operationId: command.name,
    summary: command.summary,
    tags: [command.area ?? 'migration'],
    description: `Needs the role ${command.role}.${command.destructive ? ' Ask before calling it: it is hard to undo.' : ''}`,
    parameters,
    ...(isQuery || properties.size === 0 ? {} : { requestBody }),
    responses: {
      '200': { description: 'Done', content: jsonContent(outputRef) },
      '409': { description: 'Refused; the reason says why', content: jsonContent(outputRef) },
      default: PROBLEM_RESPONSE,
    },
    security: BY_TOKEN_OR_SESSION,
  }
}
