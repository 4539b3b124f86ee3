import { ClientSession, createRedisCommandExecutor, RedisServerState, type RedisValue } from 'js-redis-server/core'

/**
 * A Redis inside this process for one simulated history after the other, with scripts in real Lua 5.1.
 *
 * Its clock is the caller's: js-redis-server asks `Date.now` for TIME and for what has expired, so that is replaced for
 * as long as a command runs; its own sweep of what has expired, which runs by real time, is off. Once Lua is loaded a
 * command is done within the promises of one turn of the event loop, as the simulated world requires of a store.
 *
 * There is one, since to load Lua takes longer than to play a history: two histories at a time must not share it.
 */
export interface VirtualRedis {
  /** Runs a command at the wall-clock time `now`, in milliseconds. */
  run(command: readonly unknown[], now: number): Promise<Answer>
  /** Forgets data and scripts. */
  clear(): Promise<void>
}

export type Answer = { result: JsonReply } | { error: string }
type JsonReply = null | number | string | JsonReply[]

let opened: Promise<VirtualRedis> | undefined

export function openVirtualRedis(): Promise<VirtualRedis> {
  opened ??= open()
  return opened
}

/** As in the stack that runs on a laptop. */
const COMPATIBILITY = 'redis-7.0'

async function open(): Promise<VirtualRedis> {
  const server = new RedisServerState({ databaseCount: 1, compatibility: COMPATIBILITY, activeExpiryIntervalMs: false })
  const executor = createRedisCommandExecutor({ compatibility: COMPATIBILITY })
  const session = new ClientSession({ server, executor })
  const execute = async (command: readonly unknown[]): Promise<Answer> => {
    const [name = '', ...args] = command.map((word) => Buffer.from(String(word)))
    const result = await session.execute(String(name).toUpperCase(), args)
    if (!('value' in result)) throw new TypeError(`${name} answers a stream.`)
    return result.value.kind === 'error' ? { error: errorText(result.value) } : { result: jsonOf(result.value) }
  }
  const redis: VirtualRedis = {
    run: (command, now) => atTime(now, () => execute(command)),
    async clear() {
      await execute(['FLUSHALL'])
      await execute(['SCRIPT', 'FLUSH'])
    },
  }
  await redis.run(['EVAL', 'return 1', 0], 0)
  return redis
}

const realNow = Date.now
let inside = 0

async function atTime<T>(now: number, work: () => Promise<T>): Promise<T> {
  Date.now = () => now
  inside += 1
  try {
    return await work()
  } finally {
    inside -= 1
    if (inside === 0) Date.now = realNow
  }
}

/** The reply in the JSON of the REST protocol. */
function jsonOf(value: RedisValue): JsonReply {
  switch (value.kind) {
    case 'simple-string':
    case 'bulk-string':
      return value.value === null ? null : String(value.value)
    case 'integer':
      return Number(value.value)
    case 'array':
      return value.items.map(jsonOf)
    case 'null':
    case 'null-array':
      return null
    default:
      throw new TypeError(`No command of the driver answers a ${value.kind}.`)
  }
}

function errorText(error: Extract<RedisValue, { kind: 'error' }>): string {
  return [error.code, error.message].filter((part) => part !== undefined && part !== '').join(' ')
}
