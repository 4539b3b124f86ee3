import { Redis } from 'ioredis'
import { CutoverError } from '../../../../lib/core/error.js'
import type { Command } from '../commands.js'
import { ErrorReply, type RedisBackend, type Reply } from './backend.js'

/**
 * A Redis over one connection. Commands written in one go are executed in that order, so a transaction is simply
 * MULTI, the commands and EXEC without a wait in between.
 *
 * A command whose connection broke is never sent again: it may have been executed.
 */
export async function connectRedis(
  url: string,
  server: { gone?: AbortSignal; stop(): Promise<void> },
): Promise<RedisBackend> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 50, 1_000),
  })
  redis.on('error', () => {}) // Each command reports its own failure; the connection is taken up again.
  await ready(redis, server.gone)
  const send = async ({ name, args }: Command): Promise<Reply> => {
    try {
      return toReply(await redis.callBuffer(name, ...args))
    } catch (error) {
      if (isReplyError(error)) return new ErrorReply(error.message)
      throw new CutoverError('unavailable', `Redis did not answer ${name}; it may have been executed.`, {
        cause: error,
      })
    }
  }
  return {
    kind: 'redis-server',
    run: (commands) => Promise.all(commands.map(send)),
    transaction: async (commands) => {
      const all = [{ name: 'MULTI', args: [] }, ...commands, { name: 'EXEC', args: [] }]
      const replies = (await Promise.all(all.map(send))).at(-1)
      if (Array.isArray(replies) || replies instanceof ErrorReply) return replies
      throw new TypeError('EXEC answered neither a list nor an error')
    },
    close: async () => {
      redis.disconnect()
      await server.stop()
    },
  }
}

/** Long enough to read back a large append-only file. */
const READY_MS_MAX = 30_000

async function ready(redis: Redis, gone: AbortSignal | undefined): Promise<void> {
  const timeout = AbortSignal.timeout(READY_MS_MAX)
  const signal = gone === undefined ? timeout : AbortSignal.any([timeout, gone])
  redis.connect().catch(() => {}) // It goes on trying by itself.
  await new Promise<void>((resolve) => {
    redis.once('ready', resolve)
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  if (redis.status === 'ready') return
  redis.disconnect()
  const fault = timeout.aborted ? `was not ready within ${READY_MS_MAX / 1_000} seconds` : 'ended while it was starting'
  throw new CutoverError('unavailable', `Redis ${fault}.`)
}

function toReply(value: unknown): Reply {
  if (Array.isArray(value)) return value.map(toReply)
  if (isReplyError(value)) return new ErrorReply(value.message)
  if (value === null || typeof value === 'number' || typeof value === 'string' || Buffer.isBuffer(value)) return value
  throw new TypeError(`Redis answered a ${typeof value}`)
}

function isReplyError(value: unknown): value is Error {
  return value instanceof Error && value.name === 'ReplyError'
}
