import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject, type Json, type JsonObject } from '../../lib/core/json.js'
import type { Address } from './clients/client.js'
import type { CourseParts, CourseResult } from './course.js'
import { HARMS, type Harm, harmTarget } from './harm.js'
import type { History } from './history.js'
import { COLLECTION_NAMES, type CollectionName } from './manifests.js'

/** One harm done to the target, and what came of it without anybody's help. */
export interface Ordeal {
  harm: Harm
  collection: string
  /** From the harm to reads from the source again, with the rollback completed; `null`: it was not turned back. */
  seconds: number | null
  stage: string
  /** The rule that was breached, and why, as the decision says it. */
  rule: string | null
  why: string | null
}

export interface SoakParts extends CourseParts {
  rounds: number
  redis: { url: string; token: string }
  history: History
  /** Records that clients read now and then. */
  cold: readonly Address[]
  random: () => number
}

export interface SoakResult extends CourseResult {
  ordeals: Ordeal[]
}

/**
 * Up to live, and there harm after harm: the target dawdles, fails, or holds other values than were written. Nobody
 * turns back; the rules do. Then the harm ends, an operator brings the collection up again, and the next one begins.
 */
export async function soak(parts: SoakParts): Promise<SoakResult> {
  const { operator, rounds, progress } = parts
  for (const rule of RULES) await operator.call('PUT', `/rules/${rule.name}`, { ...rule.members, reason: 'soak' })
  entered(parts, 'off', null)
  await up(parts, COLLECTION_NAMES, null)
  await sleep(parts.stageMs)
  const ordeals: Ordeal[] = []
  for (let round = 0; round < rounds; round++) {
    const harm = HARMS[round % HARMS.length] ?? 'slowness'
    const collection = COLLECTION_NAMES[Math.floor(parts.random() * COLLECTION_NAMES.length)] ?? 'projects'
    const ordeal = await suffer(parts, harm, collection)
    const took = ordeal.seconds === null ? 'NOT turned back' : `turned back after ${ordeal.seconds.toFixed(1)} s`
    progress.say(`${harm} of ${collection}: ${took}, ${ordeal.rule ?? 'by no rule'}: ${ordeal.why ?? ''}`)
    ordeals.push(ordeal)
    // What was measured under the harm is evidence for as long as a window.
    await sleep(2 * WINDOW_MS)
    await up(parts, COLLECTION_NAMES, 'again')
    await sleep(parts.stageMs)
  }
  await operator.move('advance', 'rampdown', 'soak')
  entered(parts, 'rampdown', null)
  await operator.run('zero-loss')
  await operator.move('advance', 'complete', 'soak')
  entered(parts, 'complete', null)
  await sleep(parts.stageMs)
  return { rollbacks: ordeals.filter(({ seconds }) => seconds !== null).length, mismatches: 0, ordeals }
}

/** The shipped triggers, over windows that fit into a rehearsal, and with a limit for latency that one machine keeps. */
const WINDOW_MS = 4_000
const WINDOW = {
  windowMinutes: WINDOW_MS / 60_000,
  minimumSample: 8,
  coolDownMinutes: 0,
  clearWindows: 1,
  action: 'roll-back',
  path: 'target',
}
const RULES = [
  { name: 'error-rate', members: { metric: 'error-rate', threshold: 0.01, ...WINDOW } },
  { name: 'latency', members: { metric: 'p95-ms', threshold: 1_000, ...WINDOW } },
  { name: 'mismatches', members: { metric: 'mismatch-rate', threshold: 0.001, ...WINDOW, path: null } },
]

const TURNED_BACK_MS_MAX = 90_000
const LOOK_MS = 100

async function suffer(parts: SoakParts, harm: Harm, collection: CollectionName): Promise<Ordeal> {
  const { operator, tally } = parts
  entered(parts, 'live', `${harm} of ${collection}`)
  tally.excused = true // calls may fail now: that is what is to be answered
  const before = await newestRollback(parts, collection)
  const began = performance.now()
  const heal = await harmTarget(harm, collection, parts)
  const found = await turnedBack(parts, collection, String(before?.id ?? ''))
  const seconds = found === null ? null : (performance.now() - began) / 1000
  await heal()
  const status = await statusOf(parts, collection)
  const { decision } = memberOf(found, 'cause')
  const why = typeof decision === 'string' ? await operator.call('GET', `/decisions/${decision}`) : null
  const told = isJsonObject(why) ? why : {}
  const { name: rule } = memberOf(told, 'rule')
  return {
    ...{ harm, collection, seconds, stage: String(status.stage) },
    rule: typeof rule === 'string' ? rule : null,
    why: typeof told.sentence === 'string' ? told.sentence : null,
  }
}

function memberOf(value: JsonObject | null, name: string): JsonObject {
  const member = value?.[name] ?? null
  return isJsonObject(member) ? member : {}
}

/** The rollback that has come since, once it is completed and nothing is read from the target any more. */
async function turnedBack(parts: SoakParts, collection: string, before: string): Promise<JsonObject | null> {
  const end = performance.now() + TURNED_BACK_MS_MAX
  while (performance.now() < end) {
    const newest = await newestRollback(parts, collection)
    if (newest !== null && newest.id !== before && newest.status === 'completed') {
      const { targetReadPercent } = await statusOf(parts, collection)
      if (targetReadPercent === 0) return newest
    }
    await sleep(LOOK_MS)
  }
  return null
}

async function newestRollback({ operator }: SoakParts, collection: string): Promise<JsonObject | null> {
  const answer = await operator.call('GET', `/rollbacks?component=${collection}&limit=1`)
  const items = isJsonObject(answer) && Array.isArray(answer.items) ? answer.items : []
  const [newest] = items
  return newest !== undefined && isJsonObject(newest) ? newest : null
}

async function statusOf({ operator }: SoakParts, collection: string): Promise<JsonObject> {
  const status: Json = await operator.call('GET', `/collections/${collection}`)
  return isJsonObject(status) ? status : {}
}

/** To live, whatever stages they stand at, with both stores alike. */
async function up(parts: SoakParts, collections: readonly string[], note: string | null): Promise<void> {
  const { operator, tally, history, progress } = parts
  for (let attempt = 1; ; attempt++) {
    try {
      await operator.climb(collections, 'shadow', 'soak')
      entered(parts, 'shadow', note)
      await operator.run('backfill')
      await operator.run('validate', { repair: true })
      history.mended()
      tally.excused = false
      await operator.climb(collections, 'live', 'soak')
      return entered(parts, 'live', note)
    } catch (error) {
      // A machine that is busy may be turned back on the way; a rule that never lets go ends the soak.
      if (attempt === CLIMBS_MAX) throw error
      progress.say(`turned back on the way up: ${error instanceof Error ? error.message : ''}`)
      await sleep(2 * WINDOW_MS)
    }
  }
}

const CLIMBS_MAX = 5

function entered({ tally, progress }: SoakParts, name: string, note: string | null): void {
  tally.enter(name, 100, note)
  progress.say(`stage ${name}${note === null ? '' : ` (${note})`}`)
}
