import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { allParts } from '../../api/_surfaces/all.js'
import { type Wired, wire } from '../../lib/wire.js'
import { type Stack, startStack } from '../../scripts/stack/stack.js'

export interface RunningApp {
  stack: Stack
  url: string
  wired: Wired
  /** The folder of the documents. */
  dir: string
  close(): Promise<void>
}

/** Every surface in one server over the local stack, with documents in a folder of their own. */
export async function runApp(
  documents: { [name: string]: string },
  env: { [name: string]: string },
  more: Parameters<typeof allParts>[1] = {},
  backend: 'embedded' | 'auto' = 'embedded',
): Promise<RunningApp> {
  const dir = await mkdtemp(join(tmpdir(), 'cutover-scenario-'))
  for (const [name, text] of Object.entries(documents)) await writeFile(join(dir, name), text)
  const stack = await startStack({ backend })
  let app: Awaited<ReturnType<typeof allParts>> | undefined
  const server = serve({
    fetch: (request: Request) => app?.fetch(request) ?? new Response(null, { status: 503 }),
    port: 0,
    hostname: '127.0.0.1',
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const places = { CUTOVER_SOURCE_DIR: dir, CUTOVER_PUBLIC_URL: url, CUTOVER_LOG: 'silent' }
  const wired = await wire({ ...stack.env, ...places, ...env })
  app = await allParts(wired, more)
  return {
    stack,
    url,
    wired,
    dir,
    async close() {
      server.close()
      await wired.drained()
      await stack.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
