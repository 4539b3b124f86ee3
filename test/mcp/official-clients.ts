import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { z } from 'zod'
import { type Fetch, URL_MCP } from './endpoint.js'

/** What the tests ask of a client, in one form for all of them. */
export interface TestClient {
  listTools(): Promise<ListedTool[]>
  call(name: string, args?: { [name: string]: unknown }): Promise<CallResult>
  read(uri: string): Promise<{ text: string; uri: string }>
  listResources(cursor?: string): Promise<{ uris: string[]; nextCursor: string | undefined }>
  templates(): Promise<string[]>
  serverVersion(): string | undefined
  close(): Promise<void>
}

type ListedTool = z.infer<typeof listedTool>
type CallResult = z.infer<typeof callResult>

const listedTool = z.looseObject({
  name: z.string(),
  title: z.string().optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
  inputSchema: z.looseObject({}),
  outputSchema: z.looseObject({}).optional(),
})
const callResult = z.object({
  isError: z.boolean().optional(),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  content: z.array(z.object({ type: z.literal('text'), text: z.string() })),
  _meta: z.record(z.string(), z.unknown()).optional(),
})
const readResult = z.object({ contents: z.tuple([z.object({ uri: z.string(), text: z.string() })]) })

export const CLIENTS: { name: string; connect: (fetch: Fetch) => Promise<TestClient> }[] = [
  { name: 'v2 client, 2026-07-28', connect: (fetch) => connectV2(fetch, { pin: '2026-07-28' }) },
  { name: 'v2 client, 2025-11-25', connect: (fetch) => connectV2(fetch, 'legacy') },
  { name: 'v1 client', connect: connectV1 },
]

async function connectV2(fetch: Fetch, mode: 'legacy' | { pin: string }): Promise<TestClient> {
  const client = new ClientV2({ name: 'test', version: '0' }, { versionNegotiation: { mode } })
  await client.connect(new TransportV2(new URL(URL_MCP), { fetch }))
  return uniform(client)
}

async function connectV1(fetch: Fetch): Promise<TestClient> {
  const client = new ClientV1({ name: 'test', version: '0' })
  const transport = new TransportV1(new URL(URL_MCP), { fetch })
  // Its declared type differs from that of the interface it implements in optional members only.
  await client.connect(transport as Parameters<typeof client.connect>[0])
  return uniform(client)
}

function uniform(client: ClientV1 | ClientV2): TestClient {
  return {
    listTools: async () => z.array(listedTool).parse((await client.listTools()).tools),
    call: async (name, args = {}) => callResult.parse(await client.callTool({ name, arguments: args })),
    read: async (uri) => readResult.parse(await client.readResource({ uri })).contents[0],
    listResources: async (cursor) => {
      const page = await client.listResources(cursor === undefined ? undefined : { cursor })
      return { uris: page.resources.map(({ uri }) => uri), nextCursor: page.nextCursor }
    },
    templates: async () =>
      (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    serverVersion: () => client.getServerVersion()?.version,
    close: () => client.close(),
  }
}
