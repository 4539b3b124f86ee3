/**
 * What is paid for, by the vendors' published lists at the date below, in US dollars. Free parts that belong to a
 * pay-as-you-go price are taken off; what a vendor gives to accounts that pay nothing is told beside (`FREE_PLANS`),
 * for other work on the same account may have used it up. Every price can be overridden where an estimate is asked for.
 *
 * Left out, and said to be left out with every estimate: `PRICES_LEFT_OUT`.
 */
export interface Prices {
  /** Each command is one, in a pipeline too; one that may write is billed once more for each read region. */
  redisPer100kCommands: number
  redisPerGbStored: number
  redisPerGbMoved: number
  /** Each attempt at a delivery is reckoned as a message: the vendor's pages disagree about retries. */
  queuePer100kMessages: number
  blobPerMillionReads: number
  blobPerMillionWrites: number
}

export const PRICES_OF = '2026-11-21'

export const PRICES: Prices = {
  redisPer100kCommands: 0.2,
  redisPerGbStored: 0.25,
  redisPerGbMoved: 0.03,
  queuePer100kMessages: 1,
  blobPerMillionReads: 0.4,
  blobPerMillionWrites: 5,
}

/** Gigabytes of a month that the prices above do not begin before. */
export const REDIS_GB_STORED_FREE = 1
export const REDIS_GB_MOVED_FREE = 200

/** Where each price was read, and when; the vendors change them: compare before you rely on a sum. */
export const PRICE_SOURCES: readonly { price: keyof Prices; source: string; read: string }[] = [
  { price: 'redisPer100kCommands', source: 'upstash.com/pricing/redis, pay as you go', read: '2026-11-21' },
  { price: 'redisPerGbStored', source: 'upstash.com/pricing/redis, pay as you go', read: '2026-11-21' },
  { price: 'redisPerGbMoved', source: 'upstash.com/pricing/redis, pay as you go', read: '2026-11-21' },
  { price: 'queuePer100kMessages', source: 'upstash.com/pricing/qstash, pay as you go', read: '2026-11-21' },
  { price: 'blobPerMillionReads', source: 'vercel.com/docs/vercel-blob/usage-and-pricing, Pro', read: '2026-11-21' },
  { price: 'blobPerMillionWrites', source: 'vercel.com/docs/vercel-blob/usage-and-pricing, Pro', read: '2026-11-21' },
]

export const PRICES_LEFT_OUT: readonly string[] = [
  'Invocations, CPU and memory of functions: they depend on the plan and on the region.',
  'Bytes of documents on their way from Vercel Blob, and storage there: prices differ by region.',
  'Monthly minima, add-ons and taxes.',
]

/** What accounts without a paid plan may use. */
export const FREE_PLANS = { redisCommandsPerMonth: 500_000, redisBytes: 256 * 2 ** 20, queueMessagesPerDay: 1_000 }
