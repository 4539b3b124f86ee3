import type { DataPlane } from '../../core/data-plane.js'
import { CutoverError } from '../../core/error.js'
import type { JsonObject } from '../../core/json.js'
import { partitionOf } from '../../core/slot.js'
import type { DocumentStore } from '../../ports/document.js'
import type { EngineContext } from '../context.js'
import type { ExportShape, WritableExport } from './shape.js'
import { emptyExport, exportText, holdsReserved, parseExport } from './shape.js'

/**
 * The records of a collection as JSON documents in their old shape, read through the data plane, so from whichever
 * store holds the truth. Records that are written meanwhile are in it as they were at some moment of the export.
 */
export interface ExportRequest {
  collection: string
  /** Name of the document to write; with several documents, `-0`, `-1`... is put before the ending. */
  name: string
  documents: number
  shape: ExportShape
}

const PAGE = 200
const PAGES_MAX = 50_000

export async function exportCollection(
  dataPlane: DataPlane,
  into: DocumentStore,
  request: ExportRequest,
): Promise<{ records: number; documents: string[] }> {
  const parts: WritableExport[] = Array.from({ length: request.documents }, () => emptyExport())
  let records = 0
  let after: string | null = null
  let complete = false
  for (let page = 0; page < PAGES_MAX && !complete; page++) {
    const list = await dataPlane.list(request.collection, after, PAGE)
    for (const { id, value } of list.items) {
      parts[partitionOf(request.collection, id, request.documents)]?.set(id, value)
      records++
    }
    after = list.items.at(-1)?.id ?? after
    complete = list.end
  }
  if (!complete) throw new CutoverError('contended', `The list of ${request.collection} does not end. Try again.`)
  const documents: string[] = []
  for (const [number, part] of parts.entries()) {
    const name = documentName(request.name, number, request.documents)
    await replace(into, name, exportText(part, request.shape))
    documents.push(name)
  }
  return { records, documents }
}

/** Refuses names of documents that are, or will be, the sources of collections. */
export function mustNotBeSource(
  { collections }: Pick<EngineContext, 'collections'>,
  into: DocumentStore,
  name: string,
  documents: number,
): void {
  const sources = new Set(collections.flatMap(({ source }) => source.partitions.map(({ label }) => label)))
  for (let number = 0; number < documents; number++) {
    const written = documentName(name, number, documents)
    if (sources.has(`${into.label}/${written}`)) throw isSource(written)
  }
}

/**
 * Puts the records of exported documents back, through the data plane and so under the stage of the collection. A
 * dry run only reads and counts. Records that are there already and equal are left alone.
 */
export async function restoreCollection(
  { dataPlane, documents: from, clock }: Pick<EngineContext, 'dataPlane' | 'documents' | 'clock'>,
  request: {
    collection: string
    documents: string[]
    dryRun: boolean
    check: (id: string, value: JsonObject) => JsonObject
  },
): Promise<{ read: number; written: number; equal: number }> {
  const records: [string, JsonObject][] = []
  const places = new Map<string, string>()
  for (const name of request.documents) {
    const stored = await from.get(name)
    if (stored === null || stored === 'unchanged') {
      throw new CutoverError('not-found', `There is no document ${JSON.stringify(name)} in ${from.label}.`)
    }
    // Everything is read and checked before anything is written: a fault in the last document leaves nothing half-done.
    for (const [id, value] of parseExport(stored.text, name, request.collection)) {
      const other = places.get(id)
      if (other !== undefined) {
        const twice = other === name ? `twice in ${name}` : `in ${other} and in ${name}`
        throw new CutoverError('invalid-input', `The record ${JSON.stringify(id)} is ${twice}. Restore one of them.`)
      }
      places.set(id, name)
      records.push([id, request.check(id, value)])
    }
  }
  let written = 0
  for (const [id, value] of records) {
    const present = await dataPlane.get(request.collection, id)
    if (present.kind === 'found' && JSON.stringify(present.value) === JSON.stringify(value)) continue
    written++
    if (request.dryRun) continue
    const operation = { op: clock.id().replaceAll('-', ''), startedAt: clock.now(), named: false }
    await dataPlane.write(request.collection, id, operation, { kind: 'put', value })
  }
  return { read: records.length, written, equal: records.length - written }
}

function documentName(name: string, number: number, documents: number): string {
  return documents === 1 ? name : name.replace(/(\.[^./]*)?$/, `-${number}$1`)
}

async function replace(store: DocumentStore, name: string, text: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const held = await store.get(name)
    if (held !== null && held !== 'unchanged' && holdsReserved(held.text)) throw isSource(name)
    const etag = held === null || held === 'unchanged' ? null : held.etag
    if ((await store.put(name, text, { ifMatch: etag })).kind === 'stored') return
  }
  throw new CutoverError('contended', `The document ${name} is written by somebody else. Try again.`)
}

/** The document of a source holds the fence and the versions, which nothing may ever replace. */
function isSource(name: string): CutoverError {
  return new CutoverError('conflict', `The document ${name} is the source of a collection. Export to another name.`, {
    details: { reason: 'is-a-source' },
  })
}
