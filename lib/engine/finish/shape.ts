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
  const root = parseJsonText(text, name, { duplicates: true })
  const inner = isJsonObject(root) && Array.isArray(root[collection]) ? root[collection] : root
  const entries: [string, Json][] = Array.isArray(inner)
    ? inner.map((value, at) => [idInside(value, name, at), value])
    : isJsonObject(inner)
      ? Object.entries(inner).filter(([id]) => id !== '$cutover')
      : fault(name, 'holds no records.')
  const seen = new Set<string>()
  return entries.map(([id, value]) => {
    if (!isJsonObject(value)) return fault(name, `holds something other than a record at ${JSON.stringify(id)}.`)
    if (seen.has(checkId(id))) return fault(name, `holds two records with the id ${JSON.stringify(id)}.`)
    seen.add(id)
    return [id, 'id' in value ? value : { id, ...value }]
  })
}

function idInside(value: Json, name: string, at: number): string {
  const id = isJsonObject(value) ? value.id : undefined
  if (typeof id === 'number') return String(id)
  return typeof id === 'string' ? id : fault(name, `holds a record without an id at [${at}].`)
}

function fault(name: string, what: string): never {
  throw new CutoverError('invalid-input', `The document ${name} ${what}`)
}
