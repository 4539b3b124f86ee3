import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectSchema } from '../../lib/commands/records/schemas.js'
import { faultOfId } from '../../lib/core/id.js'
import { isJsonObject, type JsonObject } from '../../lib/core/json.js'
import { partitionOf } from '../../lib/core/slot.js'
import { documentName } from '../../lib/wire/documents.js'

export interface Records {
  projects: Map<string, JsonObject>
  resources: Map<string, JsonObject>
}

export type CollectionName = keyof Records
export const COLLECTION_NAMES: readonly CollectionName[] = ['projects', 'resources']

/** Package manifests as projects, their dependencies as resources; `total` takes fewer, or repeats them as variants. */
export async function readRecords(folder: string, total: number): Promise<Records> {
  const manifests = await readManifests(folder)
  const projects = new Map([...manifests].map(([id, manifest]) => [id, projectOf(id, manifest)] as const))
  const wanted = Math.max(1, Math.round(total * PROJECT_SHARE))
  const chosen = fitted(projects, wanted)
  const edges = new Map<string, JsonObject>()
  for (const [id, manifest] of manifests) {
    if (!chosen.has(id) || !isJsonObject(manifest.dependencies)) continue
    for (const [name, range] of Object.entries(manifest.dependencies)) {
      const edge = `${id}/dependencies/${name}`
      edges.set(edge, edgeOf(edge, id, name, String(range)))
    }
  }
  if (edges.size === 0) edges.set('none', edgeOf('none', 'none', 'none', '*'))
  return { projects: chosen, resources: fitted(edges, total - chosen.size) }
}

const PROJECT_SHARE = 0.45
const RECORDS_PER_DOCUMENT = 200
const DOCUMENTS_MIN = 2
const DEPTH_MAX = 6

/** Documents to spread each collection over: hashing fills them unevenly, up to about 250 records. */
export function documentsFor({ projects, resources }: Records): number {
  return Math.max(DOCUMENTS_MIN, Math.ceil(Math.max(projects.size, resources.size) / RECORDS_PER_DOCUMENT))
}

/** The documents as an application had them before cutover came: a map by id, and an array of records. */
export async function writeLegacyDocuments(dir: string, records: Records, documents: number): Promise<void> {
  await mkdir(dir, { recursive: true })
  for (const collection of COLLECTION_NAMES) {
    const parts: [string, JsonObject][][] = Array.from({ length: documents }, () => [])
    for (const entry of records[collection]) parts[partitionOf(collection, entry[0], documents)]?.push(entry)
    for (const [number, part] of parts.entries()) {
      const withoutIds = part.map(([id, { id: _, ...rest }]) => [id, rest] as const)
      const root = collection === 'projects' ? Object.fromEntries(withoutIds) : part.map(([, record]) => record)
      await writeFile(join(dir, documentName(collection, number, documents)), JSON.stringify(root, null, 2))
    }
  }
}

async function readManifests(folder: string, depth = 0): Promise<Map<string, JsonObject>> {
  const found = new Map<string, JsonObject>()
  if (depth > DEPTH_MAX || !existsSync(folder)) return found
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  for (const name of names) {
    const path = join(folder, name)
    const inside = name.startsWith('@') ? path : join(path, 'node_modules')
    const manifest = name.startsWith('@') ? null : await readManifest(join(path, 'package.json'))
    const below = await readManifests(inside, depth + 1)
    for (const [id, one] of manifest === null ? below : [[String(manifest.name), manifest] as const, ...below])
      if (!found.has(id)) found.set(id, one)
  }
  return found
}

async function readManifest(path: string): Promise<JsonObject | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const manifest: unknown = JSON.parse(text)
  return isJsonObject(manifest) && typeof manifest.name === 'string' && faultOfId(manifest.name) === null
    ? manifest
    : null
}

const MEMBERS = 'name version description keywords license homepage repository author engines bin dependencies'
const MORE_MEMBERS = 'peerDependencies optionalDependencies devDependencies scripts sideEffects type main types'

/** What a project is to hold of a manifest: members whose form the schema does not accept stay out. */
function projectOf(id: string, manifest: JsonObject): JsonObject {
  const record: JsonObject = { id }
  for (const member of `${MEMBERS} ${MORE_MEMBERS}`.split(' ')) {
    const value = manifest[member]
    if (value !== undefined && projectSchema.safeParse({ id, name: id, [member]: value }).success)
      record[member] = value
  }
  return record
}

function edgeOf(id: string, projectId: string, name: string, range: string): JsonObject {
  const uri = `pkg:npm/${name}`
  return { id, projectId, name, kind: 'dependency', uri, metadata: { range, scoped: name.startsWith('@') } }
}

/** Exactly `count` records: the first ones, or all of them and then variants of them under ids of their own. */
function fitted(records: ReadonlyMap<string, JsonObject>, count: number): Map<string, JsonObject> {
  const entries = [...records]
  const out = new Map<string, JsonObject>()
  for (let at = 0; out.size < count; at++) {
    const [id, record] = entries[at % entries.length] ?? ['', {}]
    const round = Math.floor(at / entries.length)
    const variant = round === 0 ? id : `${id}~${round}`
    out.set(variant, round === 0 ? record : { ...record, id: variant, variant: round })
  }
  return out
}
