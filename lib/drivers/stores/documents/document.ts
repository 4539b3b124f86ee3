import type { Copy } from '../../../core/copy.js'
import { CutoverError } from '../../../core/error.js'
import { compareIds, faultOfId } from '../../../core/id.js'
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js'
import { parseJsonText } from '../../../core/json-text.js'
import type { SourceControl } from '../../../core/protocol/answers.js'
import { LEGACY_VERSION } from '../../../core/version.js'
import { damaged, RESERVED, type Reserved, readReserved, renderReserved } from './reserved.js'

/**
 * A JSON document of records, as it was before cutover came, with one reserved member beside the records (`$cutover`)
 * that holds the fence, the versions, the tombstones and the memory of named operations. Readers of the file see the
 * records in the shape they know:
 *
 *     {"a": {...}, "b": {...}, "$cutover": {...}}               a map by id
 *     [{"id": "a", ...}, {"id": "b", ...}, {"$cutover": {...}}]   an array of objects with an id
 *     {"projects": [...] or {...}, "$cutover": {...}}             either of them under the collection's name
 */
export interface SourceDocument extends SourceControl {
  layout: Layout
  copies: Map<string, Copy>
  remembered: Reserved['remembered']
  /** Ids in order, made when first asked for. */
  order: string[] | null
}

export interface Layout {
  shape: 'map' | 'array'
  /** The member that holds the records; `null`: the document itself. */
  member: string | null
  /** Other members beside it, kept as they are. */
  beside: JsonObject
  /** Records hold their id (maps by id often do not). */
  idInside: boolean
  idMember: string
}

export interface DocumentOptions {
  collection: string
  /** The member that holds the id of a record in an array. */
  idMember: string
  /** Shape of a document that does not exist yet. */
  shape: 'map' | 'array'
}

export function emptyDocument(options: DocumentOptions): SourceDocument {
  const layout: Layout = { shape: options.shape, member: null, beside: {}, idInside: true, idMember: options.idMember }
  const { control, remembered } = readReserved(undefined, '')
  return { ...control, layout, copies: new Map(), remembered, order: null }
}

/** Reads a document; everything that cannot be carried faithfully is refused with its place, and nothing is read. */
export function parseDocument(text: string, name: string, options: DocumentOptions): SourceDocument {
  const root = parse(text.replace(BYTE_ORDER_MARK, ''), name)
  const state = readReserved(reservedMember(root, name), name)
  const { layout, records } = findRecords(root, name, options, state)
  const copies = new Map<string, Copy>()
  for (const [key, value] of records) {
    const { id, value: record } = readRecord(key, value, name, layout)
    if (copies.has(id)) throw damaged(name, `holds two records with the id ${JSON.stringify(id)}. Keep one of them.`)
    if (state.tombstones.has(id))
      throw damaged(name, `holds a record ${JSON.stringify(id)} that was deleted. Remove it and write it by cutover.`)
    const { version, op } = state.versions.get(id) ?? UNNUMBERED
    copies.set(id, { version, op, value: record })
  }
  for (const id of state.versions.keys()) {
    if (!copies.has(id))
      throw damaged(name, `has lost the record ${JSON.stringify(id)}. Restore it, delete it by cutover.`)
  }
  for (const [id, numbered] of state.tombstones) copies.set(id, { ...numbered, value: null })
  return { ...state.control, layout, copies, remembered: state.remembered, order: null }
}

/** A record from before cutover. */
const UNNUMBERED = { version: LEGACY_VERSION, op: '' }

/** Some editors begin a file with it. It is not written back. */
const BYTE_ORDER_MARK = /^\ufeff/

/** One record a line, so that a person can read the file and a diff shows what changed. */
export function renderDocument(document: SourceDocument): string {
  const { layout, copies, remembered } = document
  const form = { idOutside: !layout.idInside, inMember: layout.member !== null }
  return assemble(renderRecords(document), renderReserved(document, copies, remembered, form), layout)
}

/** The records alone, in the shape the document had before cutover came. */
export function renderExport(document: SourceDocument): string {
  return assemble(renderRecords(document), null, document.layout)
}

/** Refuses a value that the document could not give back under `id`: readers find records in an array by the id inside. */
export function checkCarries({ shape, idMember }: Layout, id: string, value: JsonObject | null): void {
  const inside = value?.[idMember]
  if (value === null || (inside === undefined && shape === 'map')) return
  if (inside !== undefined && String(inside) === id) return
  throw new CutoverError(
    'invalid-input',
    `The record's member ${JSON.stringify(idMember)} is not the id it is kept under.`,
  )
}

/** Ids of records and tombstones, in order. */
export function orderedIds(document: SourceDocument): string[] {
  document.order ??= [...document.copies.keys()].sort(compareIds)
  return document.order
}

function assemble(lines: string[], reserved: string | null, layout: Layout): string {
  const [open, close] = layout.shape === 'map' ? ['{', '}'] : ['[', ']']
  const member = JSON.stringify(RESERVED)
  if (layout.member === null) {
    const last = reserved === null ? [] : [layout.shape === 'map' ? `${member}:${reserved}` : `{${member}:${reserved}}`]
    return `${open}\n${[...lines, ...last].join(',\n')}\n${close}\n`
  }
  const beside = Object.entries(layout.beside).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  )
  const records = `${JSON.stringify(layout.member)}:${open}\n${lines.join(',\n')}\n${close}`
  return `{\n${[...beside, records, ...(reserved === null ? [] : [`${member}:${reserved}`])].join(',\n')}\n}\n`
}

function renderRecords(document: SourceDocument): string[] {
  const lines: string[] = []
  for (const [id, { value }] of document.copies) {
    if (value !== null) lines.push(renderRecord(id, value, document.layout))
  }
  return lines
}

function renderRecord(id: string, value: JsonObject, layout: Layout): string {
  if (layout.shape === 'array') return JSON.stringify(value)
  if (layout.idInside) return `${JSON.stringify(id)}:${JSON.stringify(value)}`
  const { [layout.idMember]: _, ...rest } = value
  return `${JSON.stringify(id)}:${JSON.stringify(rest)}`
}

/**
 * Documents that cutover wrote need no search for what JSON would lose silently; those of others do, also where a
 * record of theirs mentions the reserved name. Nor does the limit of levels hold for ours: a record that reaches it is
 * two levels further down here.
 */
function parse(text: string, name: string): Json {
  if (text.includes(`"${RESERVED}"`)) {
    const parsed = parseOrUndefined(text)
    if (parsed !== undefined && reservedMember(parsed, name) !== undefined) return parsed
  }
  try {
    return parseJsonText(text, name, { duplicates: true })
  } catch (error) {
    if (error instanceof CutoverError) {
      throw new CutoverError('corrupt-document', `The document ${name} cannot be read: ${error.message}`, {
        cause: error,
        details: error.details,
      })
    }
    throw error
  }
}

function parseOrUndefined(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined // the parser says where and why
  }
}

function reservedMember(root: Json, name: string): Json | undefined {
  if (isJsonObject(root)) return root[RESERVED]
  if (!Array.isArray(root)) return undefined
  const found = root.filter(isReservedElement)
  if (found.length > 1) throw damaged(name, `holds ${found.length} elements ${RESERVED}. Keep the one that is right.`)
  return found[0]?.[RESERVED]
}

/** The element has that member alone; a record may have one of that name beside its id. */
function isReservedElement(value: Json): value is JsonObject {
  return isJsonObject(value) && RESERVED in value && Object.keys(value).length === 1
}

function findRecords(
  root: Json,
  name: string,
  options: DocumentOptions,
  { idOutside, inMember }: Reserved,
): { layout: Layout; records: [string | number, Json][] } {
  const { collection, idMember } = options
  const array = (values: Json[], member: string | null, beside: JsonObject) => ({
    layout: { shape: 'array' as const, member, beside, idInside: true, idMember },
    records: [...values.entries()],
  })
  const map = (records: [string, Json][], member: string | null) => {
    const inside = () => records.length === 0 || records.some(([, value]) => isJsonObject(value) && idMember in value)
    const idInside = idOutside === null ? inside() : !idOutside
    return { layout: { shape: 'map' as const, member, beside: {}, idInside, idMember }, records }
  }
  if (Array.isArray(root))
    return array(
      root.filter((value) => !isReservedElement(value)),
      null,
      {},
    )
  if (!isJsonObject(root)) throw damaged(name, 'holds neither an array of records nor an object of records by id.')
  // As a list, not as an object without the reserved member: that would be a copy of the largest object there is.
  const members = Object.entries(root).filter(([member]) => member !== RESERVED)
  if (inMember === false) return map(members, null)
  const inner = members.find(([member]) => member === collection)?.[1]
  if (Array.isArray(inner))
    return array(inner, collection, Object.fromEntries(members.filter(([member]) => member !== collection)))
  const only = isJsonObject(inner) && members.length === 1
  if (only && (inMember || Object.values(inner).every(isJsonObject))) return map(Object.entries(inner), collection)
  return map(members, null)
}

function readRecord(
  key: string | number,
  value: Json,
  name: string,
  { shape, idMember }: Layout,
): { id: string; value: JsonObject } {
  const place = typeof key === 'number' ? `[${key}]` : JSON.stringify(key)
  if (!isJsonObject(value))
    throw damaged(name, `holds something other than a record at ${place}. Remove it or make it an object.`)
  const inside = value[idMember]
  const id = shape === 'map' ? String(key) : typeof inside === 'number' ? String(inside) : inside
  if (typeof id !== 'string') throw damaged(name, `holds a record without a text ${idMember} at ${place}.`)
  if (shape === 'map' && inside !== undefined && String(inside) !== id) {
    throw damaged(name, `holds a record at ${place} whose ${idMember} says otherwise. Make them equal.`)
  }
  const fault = faultOfId(id)
  if (fault !== null) throw damaged(name, `holds a record at ${place} whose id ${fault}.`)
  return { id, value: inside === undefined ? { [idMember]: id, ...value } : value }
}
