import { CutoverError } from '../../core/error.js'
import { checkId, compareIds } from '../../core/id.js'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js'
import { parseJsonText } from '../../core/json-text.js'

/** The shape of an exported document: a map by id, or an array of records that hold their id. */
export type ExportShape = 'map' | 'array'

export type WritableExport = Map<string, JsonObject>

export function emptyExport(): WritableExport {
  return new Map()
}

/** One record a line, in id order. */
export function exportText(records: WritableExport, shape: ExportShape): string {
  const inOrder = [...records].sort(([a], [b]) => compareIds(a, b))
  const lines = inOrder.map(([id, value]) =>
    shape === 'map' ? `${JSON.stringify(id)}:${JSON.stringify(value)}` : JSON.stringify(value),
  )
  const [open, close] = shape === 'map' ? ['{', '}'] : ['[', ']']
  return `${open}\n${lines.join(',\n')}\n${close}\n`
}

/** Reads an exported (or legacy) document; any fault is named with its place and nothing is taken from it. */
export function parseExport(text: string, name: string, collection: string): [string, JsonObject][] {
  const inner = recordsIn(parseJsonText(text, name, { duplicates: true }), collection)
  const entries: [string, Json][] = Array.isArray(inner)
    ? inner.filter((value) => !isReserved(value)).map((value, at) => [idInside(value, name, at), value])
    : isJsonObject(inner)
      ? Object.entries(inner).filter(([id]) => id !== RESERVED)
      : fault(name, 'holds no records.')
  const seen = new Set<string>()
  return entries.map(([id, value]) => {
    if (!isJsonObject(value)) return fault(name, `holds something other than a record at ${JSON.stringify(id)}.`)
    if (seen.has(checkId(id))) return fault(name, `holds two records with the id ${JSON.stringify(id)}.`)
    seen.add(id)
    return [id, 'id' in value ? value : { id, ...value }]
  })
}

/** What the source's documents keep beside the records; a document that is restored may be one of them. */
const RESERVED = '$cutover'

/** The records may be in a member with the collection's name: a list, or a map if nothing else is beside it. */
function recordsIn(root: Json, collection: string): Json {
  if (!isJsonObject(root)) return root
  const { [RESERVED]: _, [collection]: inner, ...beside } = root
  if (Array.isArray(inner)) return inner
  const only = isJsonObject(inner) && Object.keys(beside).length === 0 && Object.values(inner).every(isJsonObject)
  return only ? inner : root
}

/** Whether a document is one that cutover itself works on. */
export function holdsReserved(text: string): boolean {
  try {
    const root = JSON.parse(text.replace(/^\ufeff/, '')) as Json
    return Array.isArray(root) ? root.some(isReserved) : isJsonObject(root) && RESERVED in root
  } catch {
    return false
  }
}

function isReserved(value: Json): boolean {
  return isJsonObject(value) && RESERVED in value && Object.keys(value).length === 1
}

function idInside(value: Json, name: string, at: number): string {
  const id = isJsonObject(value) ? value.id : undefined
  if (typeof id === 'number') return String(id)
  return typeof id === 'string' ? id : fault(name, `holds a record without an id at [${at}].`)
}

function fault(name: string, what: string): never {
  throw new CutoverError('invalid-input', `The document ${name} ${what}`)
}
