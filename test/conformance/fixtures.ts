import {
  completable,
  inputRequired,
  inputResponse,
  type McpServer,
  ResourceTemplate,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { embedded, PNG, registerContentTools } from './content-fixtures.js'
import { conformanceOptions, registerInputTools } from './input-fixtures.js'

export { conformanceOptions }

/**
 * What the conformance suite calls by name, for the `extend` option of the MCP endpoint: so that the suite's requests
 * go through all that ours go through.
 */
export function registerConformanceFixtures(server: McpServer): void {
  registerContentTools(server)
  registerInputTools(server)
  registerResources(server)
  registerPrompts(server)
  server.server.registerCapabilities({ logging: {} })
}

/**
 * For `extendLegacy`: requests of the era of sessions that a server without sessions cannot honour. They are answered
 * with nothing behind them, so that the suite gets as far as it can; the product answers them with an error.
 */
export function registerLegacyFixtures(server: McpServer): void {
  server.server.registerCapabilities({ resources: { subscribe: true } })
  for (const method of ['resources/subscribe', 'resources/unsubscribe', 'logging/setLevel'] as const) {
    server.server.setRequestHandler(method, () => ({}))
  }
}

function registerResources(server: McpServer): void {
  const resource = (name: string, mimeType: string, content: { text: string } | { blob: string }) => {
    const uri = `test://${name}`
    server.registerResource(name, uri, { mimeType }, () => ({ contents: [{ uri, mimeType, ...content }] }))
  }
  resource('static-text', 'text/plain', { text: 'Words that do not change.' })
  resource('static-binary', 'image/png', { blob: PNG })
  resource('watched-resource', 'text/plain', { text: 'Words that nobody changes.' })
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined })
  server.registerResource('template', template, { mimeType: 'application/json' }, (uri, { id }) => ({
    contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true }) }],
  }))
}

function registerPrompts(server: McpServer): void {
  const description = 'For the conformance suite'
  server.registerPrompt('test_simple_prompt', { description }, () => said({ type: 'text', text: 'Some words.' }))
  server.registerPrompt('test_prompt_with_image', { description }, () =>
    said({ type: 'image', data: PNG, mimeType: 'image/png' }),
  )
  const pair = z.object({
    arg1: completable(z.string(), (start) => ['one', 'two'].filter((word) => word.startsWith(start))),
    arg2: z.string(),
  })
  server.registerPrompt('test_prompt_with_arguments', { description, argsSchema: pair }, ({ arg1, arg2 }) =>
    said({ type: 'text', text: `arg1 is ${arg1}, arg2 is ${arg2}` }),
  )
  const reference = z.object({ resourceUri: z.string() })
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description, argsSchema: reference },
    ({ resourceUri }) => said(embedded(resourceUri)),
  )
  server.registerPrompt('test_input_required_result_prompt', { description }, ({ mcpReq }) => {
    const given = inputResponse(mcpReq.inputResponses, 'user_context')
    if (given.kind === 'elicit') return said({ type: 'text', text: JSON.stringify(given.content) })
    const requestedSchema = z.object({ context: z.string() })
    const user_context = inputRequired.elicit({ message: 'Which context?', requestedSchema })
    return inputRequired({ inputRequests: { user_context } })
  })
}

function said<Content>(content: Content) {
  return { messages: [{ role: 'user' as const, content }] }
}
