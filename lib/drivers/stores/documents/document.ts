import type { Copy } from '../../../core/copy.js'
import { CutoverError } from '../../../core/error.js'
import { decodeFence, type Fence, INITIAL_FENCE } from '../../../core/fence.js'
import { compareIds, faultOfId } from '../../../core/id.js'
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js'
import { parseJsonText } from '../../../core/json-text.js'
import type { Plan, Remembered, SourceControl } from '../../../core/protocol/answers.js'
import { LEGACY_VERSION } from '../../../core/version.js'

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
  remembered: Map<string, Remembered & { at: number }>
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
}

export const RESERVED = '$cutover'

export interface DocumentOptions {
  collection: string
  /** The member that holds the id of a record in an array. */
  idMember: string
  /** Shape of a document that does not exist yet. */
  shape: 'map' | 'array'
}

export function emptyDocument(options: DocumentOptions): SourceDocument {
  const layout: Layout = { shape: options.shape, member: null, beside: {}, idInside: true }
  return { ...emptyControl(), layout, copies: new Map(), remembered: new Map(), order: null }
}

/** Reads a document; everything that cannot be carried faithfully is refused with its place, and nothing is read. */
export function parseDocument(text: string, name: string, options: DocumentOptions): SourceDocument {
  const root = parse(text, name)
  const reserved = reservedMember(root)
  const { layout, records } = findRecords(root, name, options)
  const state = readReserved(reserved, name)
  const copies = new Map<string, Copy>()
  for (const [key, value] of records) {
    const { id, value: record } = readRecord(key, value, name, layout, options)
    if (copies.has(id)) throw damaged(name, `holds two records with the id ${JSON.stringify(id)}. Keep one of them.`)
    const [version, op] = state.versions[id] ?? [LEGACY_VERSION, '']
    copies.set(id, { version, op, value: record })
  }
  for (const [id, [version, op]] of Object.entries(state.tombstones)) copies.set(id, { version, op, value: null })
  if (layout.shape === 'map')
    layout.idInside =
      records.length === 0 || records.some(([, value]) => isJsonObject(value) && options.idMember in value)
  const remembered = new Map(
    Object.entries(state.operations).map(([key, [version, op, at]]) => [key, { version, op, at }]),
  )
  return { ...state.control, layout, copies, remembered, order: null }
}

/** One record a line, so that a person can read the file and a diff shows what changed. */
export function renderDocument(document: SourceDocument, options: DocumentOptions): string {
  const { layout } = document
  const lines: string[] = []
  const versions: { [id: string]: [number, string] } = Object.create(null)
  const tombstones: { [id: string]: [number, string] } = Object.create(null)
  for (const [id, { version, op, value }] of document.copies) {
    if (value === null) tombstones[id] = [version, op]
    else {
      if (version !== LEGACY_VERSION) versions[id] = [version, op]
      lines.push(renderRecord(id, value, layout, options))
    }
  }
  const { fence, hold, plan, heartbeat } = document
  const operations = Object.fromEntries(
    [...document.remembered].map(([key, { version, op, at }]) => [key, [version, op, at]]),
  )
  const reserved = JSON.stringify({
    fence,
    hold: hold || undefined,
    plan: plan ?? undefined,
    heartbeat,
    versions,
    tombstones,
    operations,
  })
  return assemble(lines, reserved, layout)
}

/** The records alone, in the shape the document had before cutover came. */
export function renderExport(document: SourceDocument, options: DocumentOptions): string {
  const lines: string[] = []
  for (const [id, { value }] of document.copies) {
    if (value !== null) lines.push(renderRecord(id, value, document.layout, options))
  }
  return assemble(lines, null, document.layout)
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

function renderRecord(id: string, value: JsonObject, layout: Layout, options: DocumentOptions): string {
  if (layout.shape === 'array') return JSON.stringify(value)
  if (layout.idInside) return `${JSON.stringify(id)}:${JSON.stringify(value)}`
  const { [options.idMember]: _, ...rest } = value
  return `${JSON.stringify(id)}:${JSON.stringify(rest)}`
}

/** Documents that cutover wrote need no search for what JSON would lose silently; those of others do. */
function parse(text: string, name: string): Json {
  try {
    return parseJsonText(text, name, { duplicates: !text.includes(`"${RESERVED}"`) })
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

function reservedMember(root: Json): Json | undefined {
  if (isJsonObject(root)) return root[RESERVED]
  if (!Array.isArray(root)) return undefined
  const last = root.at(-1)
  return isJsonObject(last) && RESERVED in last ? last[RESERVED] : undefined
}

function findRecords(
  root: Json,
  name: string,
  options: DocumentOptions,
): { layout: Layout; records: [string | number, Json][] } {
  const layout = (shape: Layout['shape'], member: string | null, beside: JsonObject): Layout => ({
    shape,
    member,
    beside,
    idInside: true,
  })
  if (Array.isArray(root)) {
    const records = root.filter((value) => !(isJsonObject(value) && RESERVED in value))
    return { layout: layout('array', null, {}), records: records.map((value, at) => [at, value]) }
  }
  if (!isJsonObject(root)) throw damaged(name, 'holds neither an array of records nor an object of records by id.')
  const { [RESERVED]: _, ...members } = root
  const inner = members[options.collection]
  if (Array.isArray(inner)) {
    const { [options.collection]: __, ...beside } = members
    return { layout: layout('array', options.collection, beside), records: inner.map((value, at) => [at, value]) }
  }
  if (isJsonObject(inner) && Object.keys(members).length === 1 && Object.values(inner).every(isJsonObject)) {
    return { layout: layout('map', options.collection, {}), records: Object.entries(inner) }
  }
  return { layout: layout('map', null, {}), records: Object.entries(members) }
}

function readRecord(
  key: string | number,
  value: Json,
  name: string,
  layout: Layout,
  options: DocumentOptions,
): { id: string; value: JsonObject } {
  const place = typeof key === 'number' ? `[${key}]` : JSON.stringify(key)
  if (!isJsonObject(value))
    throw damaged(name, `holds something other than a record at ${place}. Remove it or make it an object.`)
  const inside = value[options.idMember]
  const id = layout.shape === 'map' ? String(key) : typeof inside === 'number' ? String(inside) : inside
  if (typeof id !== 'string') throw damaged(name, `holds a record without a text ${options.idMember} at ${place}.`)
  if (layout.shape === 'map' && inside !== undefined && String(inside) !== id) {
    throw damaged(name, `holds a record at ${place} whose ${options.idMember} says otherwise. Make them equal.`)
  }
  const fault = faultOfId(id)
  if (fault !== null) throw damaged(name, `holds a record at ${place} whose id ${fault}.`)
  return { id, value: inside === undefined ? { [options.idMember]: id, ...value } : value }
}

interface Reserved {
  control: SourceControl
  versions: { [id: string]: [number, string] }
  tombstones: { [id: string]: [number, string] }
  operations: { [key: string]: [number, string, number] }
}

function readReserved(value: Json | undefined, name: string): Reserved {
  if (value === undefined) return { control: emptyControl(), versions: {}, tombstones: {}, operations: {} }
  if (!isJsonObject(value)) throw damaged(name, `holds a ${RESERVED} member that is not an object.`)
  const fence: Fence = decodeFence(value.fence, name)
  return {
    control: {
      fence,
      hold: value.hold === true,
      plan: (value.plan as unknown as Plan | undefined) ?? null,
      heartbeat: typeof value.heartbeat === 'number' ? value.heartbeat : 0,
    },
    versions: bare(value.versions),
    tombstones: bare(value.tombstones),
    operations: bare(value.operations),
  }
}

/** Without a prototype: ids may be named like members of Object. */
function bare<T>(value: Json | undefined): { [id: string]: T } {
  return Object.assign(Object.create(null), value)
}

function emptyControl(): SourceControl {
  return { fence: INITIAL_FENCE, hold: false, plan: null, heartbeat: 0 }
}

function damaged(name: string, fault: string): CutoverError {
  return new CutoverError('corrupt-document', `The document ${name} ${fault}`, { details: { document: name } })
}
