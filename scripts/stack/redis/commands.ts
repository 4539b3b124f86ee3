/** One Redis command as it arrived: the name in upper case (ioredis rewrites replies of lower-case names). */
export interface Command {
  name: string
  args: readonly Argument[]
}

/** Text, or the raw bytes of a request body. */
export type Argument = string | Buffer

/** The error with which Upstash refuses a command over REST, or `null` if it may run. */
export function refusal(command: Command): string | null {
  const refused = REFUSED.has(command.name) || (STREAM_READS.has(command.name) && hasBlockOption(command.args))
  if (!refused) return null
  const documentation = 'https://upstash.com/docs/redis/overall/rediscompatibility'
  return `ERR Command is not available: '${command.name}'. See ${documentation} for details`
}

/** The keys that a fault's `keyPrefix` is compared with. Where a command has no key this is its first argument. */
export function keysOf({ name, args }: Command): string[] {
  if (SCRIPT_CALLS.has(name)) return texts(args.slice(2, 2 + Number(args[1])))
  if (MANY_KEYS.has(name)) return texts(args)
  if (name === 'MSET' || name === 'MSETNX') return texts(args.filter((_, index) => index % 2 === 0))
  if (STREAM_READS.has(name)) {
    const rest = args.slice(streamsIndex(args) + 1)
    return texts(rest.slice(0, rest.length / 2))
  }
  return texts(args.slice(0, 1))
}

/** The size that the request limit applies to, in bytes: the name and the arguments, without framing. */
export function commandBytes(command: Command): number {
  let bytes = command.name.length
  for (const argument of command.args) bytes += Buffer.byteLength(argument)
  return bytes
}

/** The largest command, and the largest result of one command, in bytes. */
export const COMMAND_BYTES_MAX = 10 * 1024 * 1024

export function tooLarge(bytes: number): string {
  return `ERR max request size exceeded. Limit: ${COMMAND_BYTES_MAX} bytes, Actual: ${bytes} bytes`
}

// Beside what Upstash refuses, whatever would change or end the one connection that all requests share.
const REFUSED = new Set(
  [
    'WATCH UNWATCH MULTI EXEC DISCARD SELECT SWAPDB MOVE',
    'BLPOP BRPOP BLMOVE BLMPOP BRPOPLPUSH BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF',
    'SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MONITOR',
    'AUTH HELLO QUIT RESET CLIENT CLUSTER ASKING READONLY READWRITE',
    'REPLICAOF SLAVEOF PSYNC SYNC REPLCONF FAILOVER ROLE MIGRATE',
    'SHUTDOWN DEBUG SAVE BGSAVE BGREWRITEAOF LASTSAVE CONFIG MODULE ACL LATENCY MEMORY SLOWLOG',
  ].flatMap((line) => line.split(' ')),
)
const STREAM_READS = new Set(['XREAD', 'XREADGROUP'])
const SCRIPT_CALLS = new Set(['EVAL', 'EVAL_RO', 'EVALSHA', 'EVALSHA_RO', 'FCALL', 'FCALL_RO'])
const MANY_KEYS = new Set(['MGET', 'DEL', 'UNLINK', 'EXISTS', 'TOUCH'])

function hasBlockOption(args: readonly Argument[]): boolean {
  return args.slice(0, streamsIndex(args)).some((argument) => String(argument).toUpperCase() === 'BLOCK')
}

function streamsIndex(args: readonly Argument[]): number {
  const index = args.findIndex((argument) => String(argument).toUpperCase() === 'STREAMS')
  return index === -1 ? args.length : index
}

function texts(args: readonly Argument[]): string[] {
  return args.map(String)
}
