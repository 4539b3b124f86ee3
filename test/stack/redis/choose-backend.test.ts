import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findOnPath } from '../../../scripts/stack/redis/backends/redis-process.js'
import { startRedisGateway } from '../../../scripts/stack/redis/gateway.js'
import { strictClient } from './open-gateway.js'

describe('choosing a backend', () => {
  let dataDir = ''
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'cutover-choose-'))
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('auto takes redis-server when it is on PATH, otherwise the embedded one', async () => {
    const found = await startRedisGateway({ dataDir })
    expect(found.backend).toBe(findOnPath('redis-server') === null ? 'embedded' : 'redis-server')
    await found.close()
    await rm(dataDir, { recursive: true })
    vi.stubEnv('PATH', '')
    const fallback = await startRedisGateway({ dataDir })
    expect(fallback.backend).toBe('embedded')
    await fallback.close()
  })

  it('auto stays with the embedded one where that has data', async () => {
    const first = await startRedisGateway({ dataDir, backend: 'embedded' })
    await strictClient(first).set('k', 'v')
    await first.close()
    const again = await startRedisGateway({ dataDir })
    expect(again.backend).toBe('embedded')
    expect(await strictClient(again).get('k')).toBe('v')
    await again.close()
  })

  it('redis-server that is not on PATH is an error that says so', async () => {
    vi.stubEnv('PATH', '')
    await expect(startRedisGateway({ backend: 'redis-server' })).rejects.toMatchObject({ code: 'configuration' })
  })

  it('a port that is taken is an error, and leaves nothing running', async () => {
    const first = await startRedisGateway({ backend: 'embedded' })
    const port = Number(new URL(first.url).port)
    await expect(startRedisGateway({ backend: 'embedded', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await first.close()
  })
})
