import {
  ClientSession,
  createRedisCommandExecutor,
  encodeRedisValue,
  isResponseStream,
  RedisServerState,
  type RedisValue,
} from 'js-redis-server/core'
import type { Command } from '../commands.js'
import { ErrorReply, type RedisBackend, type Reply } from './backend.js'
import { openSnapshot, type Snapshot } from './snapshot.js'

/**
 * js-redis-server inside this process, with no socket between: commands go to its sessions directly. (Over TCP it
 * leaves Nagle's algorithm on, and every pipelined batch waits 40 ms.) Scripts run in real Lua 5.1.
 *
 * Each batch has a session of its own, so that a transaction's MULTI never meets another request's command.
 */
export async function openEmbedded(snapshotFile: string | null): Promise<RedisBackend> {
  const server = new RedisServerState({ databaseCount: 1, compatibility: COMPATIBILITY })
  const executor = createRedisCommandExecutor({ compatibility: COMPATIBILITY })
  let snapshot: Snapshot | null = null
  try {
    if (snapshotFile !== null) snapshot = await openSnapshot(snapshotFile, server.getDatabase(0))
  } catch (error) {
    server.close()
    throw error
  }
  const inSession = async <T>(use: (execute: (command: Command) => Promise<Reply>) => Promise<T>): Promise<T> => {
    const session = new ClientSession({ server, executor })
    try {
      return await use(async ({ name, args }) => {
        const result = await session.execute(
          name,
          args.map((argument) => Buffer.from(argument)),
        )
        if (isResponseStream(result)) throw new TypeError(`${name} answers a stream`)
        return toReply(result.value)
      })
    } finally {
      session.close()
    }
  }
  return {
    kind: 'embedded',
    run: (commands) =>
      inSession(async (execute) => {
        const replies: Reply[] = []
        for (const command of commands) replies.push(await execute(command))
        return replies
      }),
    transaction: (commands) =>
      inSession(async (execute) => {
        await execute({ name: 'MULTI', args: [] })
        for (const command of commands) await execute(command)
        const replies = await execute({ name: 'EXEC', args: [] })
        if (Array.isArray(replies) || replies instanceof ErrorReply) return replies
        throw new TypeError('EXEC answered neither a list nor an error')
      }),
    close: async () => {
      try {
        await snapshot?.close()
      } finally {
        server.close()
      }
    },
  }
}

/** The version that Debian's redis-server has, so that both backends answer alike. */
const COMPATIBILITY = 'redis-7.0'

/** The reply as a client of RESP 2 sees it: maps are flat lists, booleans 0 or 1, doubles text. */
function toReply(value: RedisValue): Reply {
  switch (value.kind) {
    case 'simple-string':
    case 'bulk-string':
    case 'verbatim':
      return value.value
    case 'integer':
    case 'boolean':
      return Number(value.value)
    case 'double':
    case 'big-number':
      return bulkText(value)
    case 'array':
    case 'set':
      return value.items.map(toReply)
    case 'map':
    case 'flat-pairs':
      return value.entries.flatMap(([key, item]) => [toReply(key), toReply(item)])
    case 'map-pairs':
      return value.entries.map(([key, item]) => [toReply(key), toReply(item)])
    case 'push':
      return [value.name, ...value.items.map(toReply)]
    case 'null':
    case 'null-array':
      return null
    case 'error':
      return new ErrorReply(encodeRedisValue(value).toString().slice(1, -2))
  }
}

/** The text in `$<length>\r\n<text>\r\n`: numbers are formatted by js-redis-server itself. */
function bulkText(value: RedisValue): string {
  return encodeRedisValue(value).toString().split('\r\n')[1] ?? ''
}
