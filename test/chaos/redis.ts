import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  findOnPath,
  freePort,
  type RedisProcess,
  startRedisServer,
} from '../../scripts/stack/redis/backends/redis-process.js'

/**
 * A real redis-server that is killed and started again on the same port with the same file.
 *
 * `appendfsync always`: the server appends a write to its file, and has it on disk, before it answers. With the
 * default (`everysec`) it may answer while an earlier flush is still under way and hold the append back for up to two
 * seconds: a SIGKILL then loses what was acknowledged, which no protocol above a single holder of the data can mend.
 * Rampdown and complete rest on the target alone; what is tested here is cutover, not that setting.
 */
export interface MortalRedis {
  url: string
  /** SIGKILL, in the midst of whatever it does. */
  kill(): Promise<void>
  restart(): Promise<void>
  /** SIGSTOP and SIGCONT: requests are taken by the kernel, and executed late. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

/** Why there is none, or `null`. */
export function redisMissing(): string | null {
  return findOnPath('redis-server') === null ? 'redis-server is not on PATH' : null
}

export async function startMortalRedis(): Promise<MortalRedis> {
  const binary = findOnPath('redis-server')
  if (binary === null) throw new Error('redis-server is not on PATH.')
  const dir = await mkdtemp(join(tmpdir(), 'cutover-chaos-redis-'))
  const options = { port: await freePort(), password: randomBytes(24).toString('hex'), fsync: 'always' } as const
  const start = async (): Promise<RedisProcess> => {
    const process = await startRedisServer(binary, dir, options)
    // A port that somebody else has taken meanwhile ends it at once.
    await sleep(STARTING_MS)
    if (process.gone.aborted) throw new Error('redis-server ended while it was starting.')
    return process
  }
  let current = await start()
  const signal = (name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void => {
    if (!current.gone.aborted) process.kill(current.pid, name)
  }
  return {
    url: current.url,
    async kill() {
      signal('SIGKILL')
      while (!current.gone.aborted) await sleep(2)
    },
    async restart() {
      current = await start()
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async close() {
      signal('SIGCONT')
      await current.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const STARTING_MS = 30
