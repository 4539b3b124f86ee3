import type { RedisClient } from '../../../lib/drivers/redis/client.js'
import type { Figure } from '../row.js'

/** Microseconds a record. */
export interface Cost {
  here: number
  /** `null`: this Redis does not tell. */
  redis: number | null
}

export function costsOf(stage: string, ours: Cost | undefined, plain: Cost): Figure[] {
  const figure = (where: string, mine: number | null | undefined, theirs: number | null): Figure[] =>
    mine === null || mine === undefined || theirs === null
      ? []
      : [
          {
            what: `time in ${where}, a record in ${stage}, against the ceiling's`,
            figure: `${mine.toFixed(1)} us`,
            against: `${theirs.toFixed(1)} us`,
            ratio: mine / theirs,
            met: null,
            counted: false,
          },
        ]
  return [...figure('this process', ours?.here, plain.here), ...figure('Redis', ours?.redis, plain.redis)]
}

/** Of this process and of Redis (in these commands), while `work` is done. */
export async function costOf<T>(
  client: RedisClient,
  records: number,
  commands: RegExp,
  work: () => Promise<T>,
): Promise<{ cost: Cost; done: T }> {
  const before = { redis: await redisMicroseconds(client, commands), here: process.cpuUsage() }
  const done = await work()
  const { user, system } = process.cpuUsage(before.here)
  const redis = await redisMicroseconds(client, commands)
  const grown = redis === null || before.redis === null ? null : redis - before.redis
  return { cost: { here: (user + system) / records, redis: grown === null ? null : grown / records }, done }
}

/** What these commands have taken since the server's start; `null`: it does not tell. */
async function redisMicroseconds(client: RedisClient, commands: RegExp): Promise<number | null> {
  const text = String(await client.command(['INFO', 'commandstats']).catch(() => ''))
  const counted = [...text.matchAll(/^cmdstat_(\w+):calls=\d+,usec=(\d+)/gm)]
  if (counted.length === 0) return null
  return counted.reduce((sum, [, name = '', usec]) => sum + (commands.test(name) ? Number(usec) : 0), 0)
}
