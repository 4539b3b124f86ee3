import { CutoverError } from '../../core/error.js'
import { targetReadPercent } from '../../core/fence.js'
import { slotsOfPercent } from '../../core/slot.js'
import { type Stage, stageIndex } from '../../core/stage.js'
import { overridesOf } from '../../core/switches.js'
import { collectionOf, type EngineContext } from '../context.js'
import { slotFor } from '../data-plane/partition.js'
import { furthest, type Mover } from '../stages/move.js'
import { type WalkResult, walkStages } from '../stages/walk.js'
import { seenFences } from '../status.js'

/**
 * The switches by the names operators know. They are a view on each collection's stage: reading one reads the stage,
 * setting one moves it, so there are never two truths.
 *
 * | flag                      | is                                    | setting it                                        |
 * |---------------------------|---------------------------------------|---------------------------------------------------|
 * | `redis_read_<collection>` | share of reads served by the target   | true or a percentage: live; false: back to shadow |
 * | `redis_write_<collection>`| the target takes writes (dualwrite on) | true: dualwrite; false: back to off               |
 * | `redis_mcp_tools`         | every collection is read from the target | all of `redis_read_...`                        |
 * | `migration_mode`          | json, dual or redis                   | all off; all in shadow; all complete              |
 */
export interface Flag {
  name: string
  value: boolean | number | MigrationMode
  /** The stages behind it, and what the environment forces of them. */
  because: { collection: string; stage: Stage; rolloutPercent: number; overrides?: string[] }[]
}

export const MIGRATION_MODES = ['json', 'dual', 'redis'] as const
export type MigrationMode = (typeof MIGRATION_MODES)[number]

/** Where a collection stands, as far as its flags tell of it. */
export interface Standing {
  collection: string
  stage: Stage
  rolloutPercent: number
  targetReadPercent: number
}

export async function listFlags(context: EngineContext): Promise<Flag[]> {
  const overrides = overridesOf(context.switches).map(({ variable, value }) => `${variable}=${value}`)
  return flagsOf(await Promise.all(context.collections.map(({ name }) => standingOf(context, name))), overrides)
}

/** Asked of the stores' fences, and of nothing else. */
async function standingOf(context: Pick<EngineContext, 'collections'>, name: string): Promise<Standing> {
  const { fences } = await seenFences(collectionOf(context, name))
  const { stage, percent } = furthest(fences)
  const reads = Math.min(...fences.map(targetReadPercent))
  return { collection: name, stage, rolloutPercent: percent, targetReadPercent: reads }
}

function flagsOf(standings: Standing[], overrides: string[]): Flag[] {
  const forced = overrides.length === 0 ? {} : { overrides }
  const behind = (some: Standing[]): Flag['because'] =>
    some.map(({ collection, stage, rolloutPercent }) => ({ collection, stage, rolloutPercent, ...forced }))
  const reads = standings.map((standing) => ({
    name: `redis_read_${standing.collection}`,
    value: readValue(standing),
    because: behind([standing]),
  }))
  const writes = standings.map((standing) => ({
    name: `redis_write_${standing.collection}`,
    value: stageIndex(standing.stage) >= stageIndex('dualwrite'),
    because: behind([standing]),
  }))
  return [
    ...reads,
    ...writes,
    {
      name: 'redis_mcp_tools',
      value: standings.every((standing) => readValue(standing) === true),
      because: behind(standings),
    },
    { name: 'migration_mode', value: modeOf(standings), because: behind(standings) },
  ]
}

/**
 * What a view says of one record: a share of the reads is true for the records in it, by the slot that their reads go
 * by. `null`: only a record's id could tell.
 */
export function viewFor(
  context: Pick<EngineContext, 'collections'>,
  { name, value }: Flag,
  id: string | null,
): boolean | MigrationMode | null {
  if (typeof value !== 'number') return value
  if (id === null) return null
  const collection = collectionOf(context, name.replace(/^redis_read_/, ''))
  return slotFor(collection, id) < slotsOfPercent(value)
}

export async function setFlag(
  context: EngineContext,
  name: string,
  value: boolean | number | string,
  mover: Mover,
): Promise<{ collection: string; result: WalkResult }[]> {
  const wish = wishOf(
    name,
    value,
    context.collections.map((collection) => collection.name),
  )
  const results = []
  for (const collection of wish.collections) {
    const status = await standingOf(context, collection)
    const goal = wish.readPercent === undefined ? goalOf(status.stage, wish) : goalOfShare(status, wish.readPercent)
    if (goal === null) continue
    const { direction, to, rolloutPercent } = goal
    const result = await walkStages(context, { collection, direction, to, rolloutPercent, action: 'set-flag' }, mover)
    results.push({ collection, result })
  }
  return results
}

interface Wish {
  collections: string[]
  to: Stage
  /** A share of the reads, between none and all. */
  readPercent?: number
  /** The wish is a bound: a collection that is already beyond it is left alone. */
  atLeast?: boolean
  atMost?: boolean
}

function wishOf(name: string, value: boolean | number | string, all: string[]): Wish {
  const read = /^redis_read_(.+)$/.exec(name)?.[1]
  if (read !== undefined && all.includes(read)) return readWish([read], value, name)
  if (name === 'redis_mcp_tools') return readWish(all, value, name)
  const write = /^redis_write_(.+)$/.exec(name)?.[1]
  if (write !== undefined && all.includes(write)) {
    if (typeof value !== 'boolean') throw unfit(name, 'true or false')
    return value
      ? { collections: [write], to: 'dualwrite', atLeast: true }
      : { collections: [write], to: 'off', atMost: true }
  }
  if (name === 'migration_mode') {
    if (value === 'json') return { collections: all, to: 'off', atMost: true }
    if (value === 'dual') return { collections: all, to: 'shadow' }
    if (value === 'redis') return { collections: all, to: 'complete', atLeast: true }
    throw unfit(name, MIGRATION_MODES.join(', '))
  }
  throw new CutoverError('not-found', `There is no flag ${JSON.stringify(name)}.`)
}

function readWish(collections: string[], value: boolean | number | string, name: string): Wish {
  if (value === true || value === 100) return { collections, to: 'live', atLeast: true }
  if (value === false || value === 0) return { collections, to: 'shadow', atMost: true }
  if (typeof value === 'number' && value > 0 && value < 100) return { collections, to: 'live', readPercent: value }
  throw unfit(name, 'true, false or a percentage')
}

interface Goal {
  direction: 'up' | 'down'
  to: Stage
  rolloutPercent?: number
}

function goalOf(stage: Stage, { to, atLeast, atMost }: Wish): Goal | null {
  const gap = stageIndex(to) - stageIndex(stage)
  if (gap < 0) return atLeast ? null : { direction: 'down', to }
  return atMost ? null : { direction: 'up', to }
}

/** More of the reads to the target, or less: then that share stays in live and the rest goes back to shadow. */
function goalOfShare({ targetReadPercent }: Standing, percent: number): Goal | null {
  if (percent === targetReadPercent) return null
  return percent > targetReadPercent
    ? { direction: 'up', to: 'live', rolloutPercent: percent }
    : { direction: 'down', to: 'shadow', rolloutPercent: percent }
}

function readValue({ targetReadPercent }: Standing): boolean | number {
  return targetReadPercent === 100 ? true : targetReadPercent === 0 ? false : targetReadPercent
}

function modeOf(statuses: Standing[]): MigrationMode {
  if (statuses.every(({ stage }) => stage === 'off')) return 'json'
  return statuses.every(({ stage, rolloutPercent }) => stage === 'complete' && rolloutPercent === 100)
    ? 'redis'
    : 'dual'
}

function unfit(name: string, wanted: string): CutoverError {
  return new CutoverError('invalid-input', `The flag ${name} takes ${wanted}.`)
}
