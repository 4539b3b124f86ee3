import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { allParts } from '../api/_surfaces/all.js'
import { wire } from '../lib/wire.js'
import { assetsPart } from './stack/files.js'

/**
 * One function instance: every surface in one process, told by its environment, on a free port that it prints as JSON.
 * SIGTERM drains it: no new connections, the answers under way are given, the work after them is done, then it ends.
 */
const wired = await wire(process.env)
const app = await allParts(wired, { files: assetsPart() })
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) => {
  console.log(JSON.stringify({ port }))
})
// Longer than a proxy keeps an idle connection; otherwise a request can meet a connection that is just closing.
if ('keepAliveTimeout' in server) server.keepAliveTimeout = 75_000

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  if ('closeIdleConnections' in server) server.closeIdleConnections()
  await closed
  await wired.drained()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('disconnect', () => process.exit(1))
process.on('SIGINT', () => {}) // Ctrl-C reaches every process of the terminal; whoever started this one says when
