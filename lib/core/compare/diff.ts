import { isJsonObject, type Json } from '../json.js'
import { jsonEqual } from './equal.js'
import { below, isRedacted, NOTHING_REDACTED, REDACTED, type Redaction, redacted } from './redaction.js'

/**
 * What differs between two values, field by field, with both sides. Members are compared by name in any order, items
 * of arrays by their index. It is made to be read and kept, so it is bounded: in number, in depth, and in the size of
 * each value shown; what is cut says so. Values at redacted places are hidden, that they differ is not.
 */
export interface Difference {
  /** Such as `$.servers[0].url`. */
  path: string
  kind: 'changed' | 'only-source' | 'only-target'
  /** Absent when the source has nothing here. */
  source?: Json
  target?: Json
}

export interface Differences {
  items: Difference[]
  /** There are more than are listed. */
  more: boolean
}

export interface DiffOptions {
  redaction?: Redaction
  /** Hides every value, and shows only where they differ. */
  hideValues?: boolean
  differencesMax?: number
  /** Below this many steps a difference is told as a whole. */
  depthMax?: number
}

export const DIFFERENCES_MAX = 20
export const DEPTH_MAX = 12
/** Longest JSON text of one side of one difference. */
export const SHOWN_CHARS_MAX = 1_000

/** `undefined` is a side that has nothing. */
export function differencesOf(
  source: Json | undefined,
  target: Json | undefined,
  options: DiffOptions = {},
): Differences {
  const walk: Walk = {
    found: { items: [], more: false },
    differencesMax: options.differencesMax ?? DIFFERENCES_MAX,
    depthMax: options.depthMax ?? DEPTH_MAX,
    hideValues: options.hideValues ?? false,
  }
  compare(walk, { path: '$', depth: 0, redaction: options.redaction ?? NOTHING_REDACTED }, source, target)
  return walk.found
}

interface Walk {
  found: Differences
  differencesMax: number
  depthMax: number
  hideValues: boolean
}

interface Place {
  path: string
  depth: number
  redaction: Redaction
}

function compare(walk: Walk, place: Place, source: Json | undefined, target: Json | undefined): void {
  if (walk.found.more || (source === undefined && target === undefined)) return
  if (source !== undefined && target !== undefined) {
    if (jsonEqual(source, target)) return
    const inside = isRedacted(place.redaction) || place.depth >= walk.depthMax ? null : stepsOf(source, target)
    if (inside !== null) {
      for (const step of inside) compare(walk, under(place, step), at(source, step), at(target, step))
      return
    }
  }
  if (walk.found.items.length >= walk.differencesMax) walk.found.more = true
  else walk.found.items.push(differenceAt(walk, place, source, target))
}

/** Names or indexes of what is inside either of two objects or two arrays; `null` for anything else. */
function stepsOf(source: Json, target: Json): Iterable<string | number> | null {
  if (Array.isArray(source) && Array.isArray(target)) return Array(Math.max(source.length, target.length)).keys()
  if (isJsonObject(source) && isJsonObject(target)) return new Set([...Object.keys(source), ...Object.keys(target)])
  return null
}

/** Members may be named like those of every object. */
function at(value: Json, step: string | number): Json | undefined {
  if (Array.isArray(value)) return value[Number(step)]
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined
}

function differenceAt(
  walk: Walk,
  { path, redaction }: Place,
  source: Json | undefined,
  target: Json | undefined,
): Difference {
  const show = (value: Json): Json => (walk.hideValues ? REDACTED : shortened(redacted(value, redaction)))
  if (source === undefined)
    return { path, kind: 'only-target', ...(target === undefined ? {} : { target: show(target) }) }
  if (target === undefined) return { path, kind: 'only-source', source: show(source) }
  return { path, kind: 'changed', source: show(source), target: show(target) }
}

/** Called after redaction: nothing hidden can come through by being cut. */
function shortened(value: Json): Json {
  if (typeof value === 'string')
    return value.length <= SHOWN_CHARS_MAX ? value : `${value.slice(0, SHOWN_CHARS_MAX).toWellFormed()}…`
  if (typeof value !== 'object' || value === null || JSON.stringify(value).length <= SHOWN_CHARS_MAX) return value
  return Array.isArray(value) ? `[array of ${value.length}]` : `[object of ${Object.keys(value).length}]`
}

function under({ path, depth, redaction }: Place, step: string | number): Place {
  const plain = typeof step === 'string' && /^[A-Za-z_$][\w$]*$/.test(step)
  return {
    path: path + (plain ? `.${step}` : `[${JSON.stringify(step)}]`),
    depth: depth + 1,
    redaction: below(redaction, step),
  }
}
