import { CutoverError } from '../error.js'
import { compareIds } from '../id.js'
import { isJsonObject, type Json, type JsonObject } from '../json.js'

/** Records as one JSON object by id, one a line: what an export looks like, so that a back-up can be read without us. */
export function partText(records: readonly { id: string; value: JsonObject }[]): string {
  const lines = records.map(({ id, value }) => `${JSON.stringify(id)}:${JSON.stringify(value)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

/** The records of a part, in order of their ids. */
export function parsePart(text: string, name: string): { id: string; value: JsonObject }[] {
  let root: Json = null
  try {
    root = JSON.parse(text)
  } catch {
    // told below
  }
  if (!isJsonObject(root)) throw strange(name)
  return Object.entries(root)
    .map(([id, value]) => ({ id, value: isJsonObject(value) ? value : fault(name) }))
    .sort((a, b) => compareIds(a.id, b.id))
}

function fault(name: string): never {
  throw strange(name)
}

function strange(name: string): CutoverError {
  return new CutoverError('corrupt-document', `The part ${name} does not hold records.`)
}
