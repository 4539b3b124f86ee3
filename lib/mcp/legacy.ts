import { type McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import { isJsonObject, type Json } from '../core/json.js'

export interface ExchangeOptions {
  parsedBody: Json
}

/**
 * One request of the era of sessions, served without a session.
 *
 * It is answered as JSON, unless the client asked for progress: a client that waits on an event stream whose
 * connection breaks waits on until its own timeout, while a JSON answer that breaks off fails at once.
 */
export async function exchangeLegacy(
  request: Request,
  options: ExchangeOptions,
  server: McpServer,
  onError: (error: unknown) => void,
): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    enableJsonResponse: !asksForProgress(options.parsedBody),
  })
  transport.onerror = onError
  await server.connect(transport)
  const tearDown = () => void server.close().catch(onError)
  request.signal.addEventListener('abort', tearDown, { once: true })
  const response = await transport.handleRequest(request, options)
  if (response.body !== null && response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return new Response(whenOver(response.body, tearDown), response)
  }
  tearDown()
  return response
}

function asksForProgress(body: Json): boolean {
  const params = isJsonObject(body) ? body.params : undefined
  const meta = isJsonObject(params) ? params._meta : undefined
  return isJsonObject(meta) && meta.progressToken !== undefined
}

/** The same stream; `over` is called once it has ended or its reader has left. */
function whenOver(body: ReadableStream<Uint8Array>, over: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      over()
    },
    async cancel(reason) {
      over()
      await reader.cancel(reason)
    },
  })
}
