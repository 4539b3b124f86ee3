import type { Address } from './clients/client.js'
import { type History, keyOf } from './history.js'
import type { CollectionName } from './manifests.js'

/** What befalls the target: it dawdles, it fails, or something behind everybody's back changes its values. */
export const HARMS = ['slowness', 'errors', 'corruption'] as const
export type Harm = (typeof HARMS)[number]

export interface HarmParts {
  redis: { url: string; token: string }
  history: History
  cold: readonly Address[]
  random: () => number
}

const SLOW_MS = 1_400
const ERROR_SHARE = 0.4
const DAMAGED_SHARE = 0.5

/** Does it, and answers what ends it. */
export async function harmTarget(
  harm: Harm,
  collection: CollectionName,
  parts: HarmParts,
): Promise<() => Promise<void>> {
  if (harm === 'corruption') {
    await corrupt(collection, parts)
    return async () => {}
  }
  const match = { keyPrefix: `${collection}:` }
  const rule =
    harm === 'slowness'
      ? { match, fault: 'delay', delayMs: SLOW_MS }
      : { match, fault: 'status', status: 503, probability: ERROR_SHARE }
  await admin(parts, 'POST', [rule])
  return () => admin(parts, 'DELETE')
}

async function admin({ redis }: HarmParts, method: string, rules?: object[]): Promise<void> {
  const headers = { authorization: `Bearer ${redis.token}` }
  const body = rules === undefined ? {} : { body: JSON.stringify(rules) }
  const answer = await fetch(`${redis.url}/__admin/faults`, { method, headers, ...body })
  if (!answer.ok) throw new Error(`The faults of Redis could not be set: ${answer.status}.`)
}

/** Values that nobody wrote, under versions that somebody did. The clients are told of it, and blame nobody. */
async function corrupt(collection: CollectionName, parts: HarmParts): Promise<void> {
  for (const { collection: of, id } of parts.cold) {
    if (of !== collection || parts.random() >= DAMAGED_SHARE) continue
    const key = `${collection}:${id}`
    const text = await command(parts, ['GET', key])
    if (typeof text !== 'string') continue
    parts.history.damaged(keyOf({ collection, id }))
    await command(parts, ['SET', key, JSON.stringify({ ...JSON.parse(text), damaged: true })])
  }
}

async function command({ redis }: HarmParts, args: readonly string[]): Promise<unknown> {
  const headers = { authorization: `Bearer ${redis.token}` }
  const answer = await fetch(redis.url, { method: 'POST', headers, body: JSON.stringify(args) })
  return ((await answer.json()) as { result?: unknown }).result
}
