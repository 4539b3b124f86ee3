import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '../../lib/core/json.js'
import type { RecordClient } from './clients/client.js'
import { digestOf, type History, keyOf } from './history.js'
import { COLLECTION_NAMES } from './manifests.js'

/** Every record that the API gives, by its key. ETags are digests after the clean-up, so versions are not looked at. */
export type Swept = Map<string, { version: number; value: JsonObject }>

const PAGE = 100
const PAGES_MAX = 10_000

export async function sweep(client: RecordClient): Promise<Swept> {
  const all: Swept = new Map()
  for (const collection of COLLECTION_NAMES) {
    let cursor: string | null = null
    for (let page = 0; page < PAGES_MAX; page++) {
      const answer = await client.list(collection, PAGE, cursor)
      if (answer.kind !== 'page') throw new Error(`The sweep was stopped: ${JSON.stringify(answer)}`)
      for (const { id, version, value } of answer.items) all.set(keyOf({ collection, id }), { version, value })
      cursor = answer.next
      if (cursor === null) break
    }
  }
  return all
}

/** Compares every record with what the clients know of it, those that nobody wrote too. */
export function settleAll(history: History, swept: Swept): void {
  for (const collection of COLLECTION_NAMES)
    for (const id of history.ids(collection)) {
      const key = keyOf({ collection, id })
      history.settle(key, swept.get(key) ?? null)
    }
  for (const key of swept.keys()) {
    const [collection = '', ...id] = key.split('/')
    if (!history.ids(collection).has(id.join('/'))) history.settle(key, swept.get(key) ?? null)
  }
}

/** Keys whose values differ between two sets of records. */
export function differing(left: Map<string, JsonObject>, right: Map<string, JsonObject>): string[] {
  const keys = new Set([...left.keys(), ...right.keys()])
  return [...keys].filter((key) => {
    const [a, b] = [left.get(key), right.get(key)]
    return a === undefined || b === undefined || digestOf(a) !== digestOf(b)
  })
}

export function valuesOf(swept: Swept): Map<string, JsonObject> {
  return new Map([...swept].map(([key, { value }]) => [key, value]))
}

/** The records in exported documents: a map by id, and an array of records. */
export async function readExports(
  dir: string,
  names: { [collection: string]: readonly string[] },
): Promise<Map<string, JsonObject>> {
  const all = new Map<string, JsonObject>()
  for (const [collection, documents] of Object.entries(names))
    for (const name of documents) {
      const root: Json = JSON.parse(await readFile(join(dir, name), 'utf8'))
      const records = Array.isArray(root) ? root : Object.values(isJsonObject(root) ? root : {})
      for (const record of records)
        if (isJsonObject(record)) all.set(keyOf({ collection, id: String(record.id) }), record)
    }
  return all
}

const SCAN_ROUNDS_MAX = 100_000

/** Every key in Redis, through the gateway. */
export async function scanKeys({ url, token }: { url: string; token: string }): Promise<Set<string>> {
  const keys = new Set<string>()
  let cursor = '0'
  for (let round = 0; round < SCAN_ROUNDS_MAX; round++) {
    const headers = { authorization: `Bearer ${token}` }
    const body = JSON.stringify(['SCAN', cursor, 'COUNT', 1000])
    const answer = (await (await fetch(url, { method: 'POST', headers, body })).json()) as {
      result: [string, string[]]
    }
    for (const key of answer.result[1]) keys.add(key)
    cursor = String(answer.result[0])
    if (cursor === '0') return keys
  }
  throw new Error('Redis could not be scanned to its end.')
}
