import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CutoverError } from '../../../../lib/core/error.js'
import type { RedisBackend } from './backend.js'
import { openEmbedded } from './embedded.js'
import { findOnPath, startRedisServer } from './redis-process.js'
import { connectRedis } from './redis-server.js'

/** Opens the backend that was asked for; see `RedisGatewayOptions`. */
export async function openBackend(options: BackendOptions): Promise<RedisBackend> {
  if (options.redisUrl !== undefined) return connectRedis(options.redisUrl, { stop: async () => {} })
  const snapshotFile = options.dataDir === undefined ? null : join(options.dataDir, 'redis.snapshot')
  const serverDir = options.dataDir === undefined ? null : join(options.dataDir, 'redis-server')
  const binary = findOnPath('redis-server')
  const kind = choose(options.backend ?? 'auto', { snapshotFile, serverDir, binary })
  if (kind === 'embedded') return openEmbedded(snapshotFile)
  if (binary === null) {
    throw new CutoverError('configuration', 'redis-server is not on PATH; install it, or use the embedded backend.')
  }
  return startAndConnect(binary, serverDir)
}

interface BackendOptions {
  backend?: 'embedded' | 'redis-server' | 'auto'
  redisUrl?: string
  dataDir?: string
}

/** A free port may be taken by somebody else before redis-server binds it; then it ends at once, and we try another. */
const STARTS_MAX = 3

async function startAndConnect(binary: string, directory: string | null): Promise<RedisBackend> {
  for (let start = 1; ; start += 1) {
    const server = await startRedisServer(binary, directory)
    try {
      return await connectRedis(server.url, server)
    } catch (error) {
      const ended = server.gone.aborted
      await server.stop()
      if (!ended || start === STARTS_MAX) throw error
    }
  }
}

/** Where there is data, its own backend: another one would begin empty beside it. */
function choose(
  wanted: 'embedded' | 'redis-server' | 'auto',
  found: { snapshotFile: string | null; serverDir: string | null; binary: string | null },
): 'embedded' | 'redis-server' {
  if (wanted !== 'auto') return wanted
  if (found.serverDir !== null && existsSync(found.serverDir)) return 'redis-server'
  if (found.snapshotFile !== null && existsSync(found.snapshotFile)) return 'embedded'
  return found.binary === null ? 'embedded' : 'redis-server'
}
