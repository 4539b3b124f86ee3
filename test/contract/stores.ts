import { expect } from 'vitest'
import type { Fence } from '../../lib/core/fence.js'
import type { JsonObject } from '../../lib/core/json.js'
import { checkSurvives } from '../../lib/core/json-text.js'
import { JSON_DEPTH_MAX } from '../../lib/core/json-value.js'
import { SLOTS } from '../../lib/core/slot.js'
import type { Stage } from '../../lib/core/stage.js'
import type { Clock } from '../../lib/ports/clock.js'

/** A fence with all slots in one stage. */
export function fenceAt(epoch: number, stage: Stage = 'shadow'): Fence {
  const range = { until: SLOTS, stage, era: epoch, eraAt: 1_700_000_000_000, period: epoch }
  return { epoch, ranges: [{ ...range, fullSource: true, fullTarget: false }] }
}

/** The lowest version of an epoch. */
export function floorOf(epoch: number): number {
  return epoch * 2 ** 32
}

/** Values that some store somewhere would bring back different. */
export function awkwardValues(id: string): JsonObject[] {
  return [
    { id },
    { id, text: 'Grüße, 世界, 👩‍👩‍👧, e\u0301, \u2028\u2029\ufeff', empty: '', quote: '"\\/\b\f\n\r\t\u0000\u007f' },
    { id, numbers: [0, -1, 0.1, 1e300, 5e-324, 2 ** 53, 2 ** 53 - 1, -(2 ** 53), 1_700_000_000_000, 123456789012345] },
    { id, nested: { deep: [[[{ list: [], object: {}, nothing: null, yes: true }]]] }, '': 'unnamed', 'a.b': 1, $x: 2 },
    { z: 1, id, a: 2, m: { z: 1, a: 2 } },
    { id, constructor: 'x', toString: 'y', length: 3 },
    deepest(id),
    { id, long: 'ä'.repeat(450_000) },
  ]
}

/** As many levels as a record may have, itself included. */
function deepest(id: string): JsonObject {
  let value: JsonObject = { bottom: true }
  for (let level = 1; level < JSON_DEPTH_MAX; level++) value = level === JSON_DEPTH_MAX - 1 ? { id, value } : { value }
  return checkSurvives(value) as JsonObject
}

/** In the order of every listing: by code point, where U+1F600 comes after U+FFFD although UTF-16 says otherwise. */
export const ORDERED_IDS = [
  '!',
  '"quoted"',
  '(',
  '+',
  '-',
  '0',
  '10',
  '2',
  'A',
  '[',
  'a',
  'a b',
  'a/b',
  'a/b/c',
  'a:b',
  'aa',
  'constructor',
  'z',
  '{x}*?\\',
  'é',
  '世',
  '\ue000',
  '\ufffd',
  '\u{10000}',
  '\u{1f600}',
  '\u{10ffff}',
]

export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item, at) => ({ item, key: ((at * 7919) % 104_729) % 31 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

/** Walks a listing to its end, page by page. */
export async function walk<T extends { id: string } | string>(
  page: (after: string | null) => Promise<{ items: T[]; end: boolean }>,
): Promise<T[]> {
  const all: T[] = []
  let after: string | null = null
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const { items, end }: { items: T[]; end: boolean } = await page(after)
    all.push(...items)
    if (end) return all
    const last = items.at(-1)
    if (last !== undefined) after = typeof last === 'string' ? last : last.id
  }
  throw new Error('the listing does not end')
}

const PAGES_MAX = 200

export async function expectUnavailable(call: Promise<unknown>): Promise<void> {
  await expect(call).rejects.toMatchObject({ name: 'CutoverError', code: 'unavailable' })
}

/** Sends again as the protocol does: the very same call, until an answer comes. */
export async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (let send = 1; ; send++) {
    try {
      return await call()
    } catch (error) {
      if (send === SENDS_MAX || (error as { code?: unknown }).code !== 'unavailable') throw error
    }
  }
}

const SENDS_MAX = 10

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: () => Math.random(),
  id: () => crypto.randomUUID(),
}

let operations = 0

/** A fresh operation name. */
export function newOp(): string {
  operations += 1
  return `op-${operations}`
}
