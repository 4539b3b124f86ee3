import { isJsonObject } from '../core/json.js'
import { columns, printable, shortened } from './text.js'

/**
 * A result for people: lists of objects as tables, objects as names with values, lists of sentences a line each. Cells
 * of tables are cut where they would fill the screen, but for the last of a line; everything is in `--json`.
 */
export function renderResult(value: unknown): string {
  return linesOf(value)
    .map((line) => `${line}\n`)
    .join('')
}

const CELL_CHARS_MAX = 48
/** Levels of objects that get names of their own; what lies deeper is shown as JSON. */
const NAMED_LEVELS_MAX = 3

function linesOf(value: unknown): string[] {
  if (Array.isArray(value)) return listLines(value)
  if (isJsonObject(value)) return objectLines(value)
  if (typeof value === 'string') return value.split('\n').map(printable)
  return [scalar(value)]
}

function listLines(list: readonly unknown[]): string[] {
  if (list.length === 0) return ['(none)']
  if (!list.every(isJsonObject)) return list.map(scalar)
  const items = unrolled(list)
  const names = [...new Set(items.flatMap((item) => Object.keys(item)))]
  const right = new Set(
    names.flatMap((name, at) => (items.every((item) => isNumeric(timed(name, item[name]))) ? [at] : [])),
  )
  const last = names.length - 1
  const rows = items.map((item) =>
    names.map((name, at) => {
      const isWhole = at === last && typeof item[name] === 'string'
      const shown = cell(timed(name, item[name]))
      return isWhole ? shown : shortened(shown, CELL_CHARS_MAX)
    }),
  )
  return columns([names.map(printable), ...rows], right)
}

interface Row {
  readonly [name: string]: unknown
}

/**
 * A short head with a list of objects, such as an operation with its paths, becomes a row for each of them, which is all
 * that the head is there for. What has more to say of itself, or several lists, stays one row.
 */
function unrolled(items: readonly Row[]): readonly Row[] {
  const lists = new Set(items.flatMap((item) => Object.keys(item).filter((name) => isObjects(item[name]))))
  const [name, ...others] = lists
  const heads = Math.max(...items.map((item) => Object.keys(item).length - 1))
  if (name === undefined || others.length > 0 || heads > HEAD_MEMBERS_MAX) return items
  const rows = items.flatMap((item): Row[] => {
    const { [name]: inner, ...head } = item
    const entries = Object.entries(head)
    const plain = Object.fromEntries(entries.filter(([, value]) => !isJsonObject(value)))
    return isObjects(inner) ? unrolled(inner).map((row) => ({ ...plain, ...row, ...head })) : [head]
  })
  return clashes(items, name) ? items : rows
}

const HEAD_MEMBERS_MAX = 2

function isObjects(value: unknown): value is Row[] {
  return Array.isArray(value) && value.length > 0 && value.every(isJsonObject)
}

/** Whether a member of an inner object would be hidden by one of its head. */
function clashes(items: readonly Row[], list: string): boolean {
  return items.some((item) => {
    const inner = item[list]
    return (
      isObjects(inner) && unrolled(inner).some((row) => Object.keys(row).some((name) => name !== list && name in item))
    )
  })
}

/** Plain members first; then each list of objects under its name. */
function objectLines(object: { readonly [name: string]: unknown }): string[] {
  const entries = named(object, '', 1)
  const isTable = (value: unknown): value is unknown[] =>
    Array.isArray(value) && value.some((item) => isJsonObject(item) || isSentence(item))
  const plain = entries.filter(([, value]) => !isTable(value))
  const lines = columns(plain.map(([name, value]) => [printable(name), scalar(timed(name, value))]))
  for (const [name, value] of entries) {
    if (isTable(value)) lines.push(...(lines.length > 0 ? [''] : []), `${printable(name)}:`, ...indented(value))
  }
  return lines.length === 0 ? ['(nothing)'] : lines
}

function named(object: { readonly [name: string]: unknown }, prefix: string, level: number): [string, unknown][] {
  return Object.entries(object).flatMap(([name, value]): [string, unknown][] => {
    const nested = isJsonObject(value) && level < NAMED_LEVELS_MAX && Object.keys(value).length > 0
    return nested ? named(value, `${prefix}${name}.`, level + 1) : [[prefix + name, value]]
  })
}

function isSentence(item: unknown): boolean {
  return typeof item === 'string' && item.length > CELL_CHARS_MAX
}

function indented(items: readonly unknown[]): string[] {
  return listLines(items).map((line) => `  ${line}`)
}

function cell(value: unknown): string {
  if (!isJsonObject(value)) return scalar(value)
  return Object.entries(value)
    .map(([name, member]) => `${printable(name)} ${scalar(timed(name, member))}`)
    .join(', ')
}

function scalar(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'string') return printable(value)
  if (Array.isArray(value) && !value.some((item) => typeof item === 'object')) return value.map(scalar).join(', ')
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(DIGITS)))
  return printable(JSON.stringify(value))
}

/** Of numbers that are no whole ones: nobody reads the sixteenth digit of a latency. */
const DIGITS = 6

/** A moment that is kept in milliseconds, as entries of the state and changes have it, is shown as one. */
function timed(name: string, value: unknown): unknown {
  const isMoment = MOMENT.test(name) && typeof value === 'number' && value >= EARLIEST_MS && value < LATEST_MS
  return isMoment ? new Date(value).toISOString() : value
}

const MOMENT = /(^|\.)at$|At$/
/** 2001 to 2286: what is no such number is no moment. */
const EARLIEST_MS = 1e12
const LATEST_MS = 1e13

function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || value === null || value === undefined
}
