import { FREE_PLANS, type Prices, REDIS_GB_MOVED_FREE, REDIS_GB_STORED_FREE } from './prices.js'
import type { Usage } from './usage.js'

/** US dollars. Nothing is rounded here. */
export interface Money {
  redisCommands: number
  redisStorage: number
  redisBandwidth: number
  queueMessages: number
  blobOperations: number
  total: number
}

export interface Billed {
  usage: Usage
  /** Bytes at the highest, for `days`. */
  storedBytes: number
  days: number
  /** Regions that the database is read in beside its first. */
  readRegions: number
  /** The documents are in a store that bills operations. */
  blob: boolean
}

export function moneyOf({ usage, storedBytes, days, readRegions, blob }: Billed, prices: Prices): Money {
  const months = days / DAYS_OF_A_MONTH
  const storedGb = Math.max(0, storedBytes / GB - REDIS_GB_STORED_FREE)
  const movedGb = Math.max(0, (usage.bytesIn + usage.bytesOut) / GB - REDIS_GB_MOVED_FREE * Math.max(1, months))
  const parts = {
    redisCommands: (billedCommands(usage, readRegions) * prices.redisPer100kCommands) / 100_000,
    redisStorage: storedGb * months * prices.redisPerGbStored,
    redisBandwidth: movedGb * prices.redisPerGbMoved,
    queueMessages: (usage.messages * prices.queuePer100kMessages) / 100_000,
    blobOperations: blob
      ? (usage.documentReads * prices.blobPerMillionReads + usage.documentWrites * prices.blobPerMillionWrites) / 1e6
      : 0,
  }
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) }
}

export function billedCommands({ reads, writes }: Usage, readRegions: number): number {
  return reads + writes * (1 + readRegions)
}

/** Which limits of accounts that pay nothing the work would go over, one sentence each. */
export function beyondFree({ usage, storedBytes, days, readRegions }: Billed): string[] {
  const { redisCommandsPerMonth, redisBytes, queueMessagesPerDay } = FREE_PLANS
  const commands = billedCommands(usage, readRegions) / Math.max(1, days / DAYS_OF_A_MONTH)
  const messages = usage.messages / Math.max(1, days)
  return [
    ...(commands > redisCommandsPerMonth ? [`More than ${redisCommandsPerMonth} Redis commands in a month.`] : []),
    ...(storedBytes > redisBytes ? [`More than ${redisBytes} bytes in Redis.`] : []),
    ...(messages > queueMessagesPerDay ? [`More than ${queueMessagesPerDay} messages in a day.`] : []),
  ]
}

const GB = 1e9
const DAYS_OF_A_MONTH = 30
