import { setTimeout as sleep } from 'node:timers/promises'
import type { CallToolResult, McpServer, ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** One blue pixel. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNQaPgPAAJjAaB56d6tAAAAAElFTkSuQmCC'
/** No sound at all. */
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA='
/** Between the steps of a tool that reports on its way. */
const STEP_MS = 50

/** Tools of every kind of content, and tools that report while they work. */
export function registerContentTools(server: McpServer): void {
  const tool = (name: string, run: (context: ServerContext) => CallToolResult | Promise<CallToolResult>) =>
    server.registerTool(
      name,
      { description: 'For the conformance suite', inputSchema: z.object({}) },
      (_input, context) => run(context),
    )
  const image = { type: 'image' as const, data: PNG, mimeType: 'image/png' }
  tool('test_simple_text', () => text('Some text.'))
  tool('test_image_content', () => ({ content: [image] }))
  tool('test_audio_content', () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }))
  tool('test_embedded_resource', () => ({ content: [embedded('test://embedded-resource')] }))
  tool('test_multiple_content_types', () => ({
    content: [...text('Some of everything:').content, image, embedded('test://mixed-content-resource')],
  }))
  tool('test_error_handling', () => ({ ...text('This tool always fails.'), isError: true }))
  tool('test_tool_with_progress', withProgress)
  tool('test_tool_with_logging', async ({ mcpReq }) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } })
      await sleep(STEP_MS)
    }
    return text('Logged.')
  })
  tool('test_logging_tool', async ({ mcpReq }) => {
    await mcpReq.log('info', 'Shown to those who have asked for it')
    return text('Logged.')
  })
}

export function text(words: string): CallToolResult {
  return { content: [{ type: 'text', text: words }] }
}

export function embedded(uri: string) {
  return { type: 'resource' as const, resource: { uri, mimeType: 'text/plain', text: 'Words of a resource.' } }
}

async function withProgress({ mcpReq }: ServerContext): Promise<CallToolResult> {
  const progressToken = mcpReq._meta?.progressToken
  for (const progress of [0, 50, 100]) {
    if (progressToken !== undefined) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
    }
    await sleep(STEP_MS)
  }
  return text('Done.')
}
