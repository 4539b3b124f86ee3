import type * as z from 'zod'
import type { CollectionSchemas } from './commands/records/check.js'
import { CutoverError } from './core/error.js'

/** One collection to be moved. */
export interface CollectionDefinition {
  /** Plural, `[a-z][a-z0-9_-]*`: in URLs, in Redis keys, and the name of its document (`projects.json`). */
  name: string
  /** Singular, for MCP tool names. */
  singular: string
  /**
   * What a record must be to be written; members it does not know are kept. As a function that imports it, it is loaded
   * when the first record is judged, so that reads have no share in what zod costs at a cold start.
   */
  schema: RecordSchema | (() => Promise<RecordSchema>)
  /** Documents the collection is spread over, by hash of the id. Default: `CUTOVER_DOCUMENTS`, or 1. */
  documents?: number
  /** Member that holds the id in legacy arrays. Default `id`. */
  idMember?: string
  /** Shape of a document that does not exist yet. Default `map`. */
  shape?: 'map' | 'array'
  /** Records with one bucket key are rolled out together. Default: the id. */
  bucketKey?: (id: string) => string
}

type RecordSchema = z.ZodObject<z.ZodRawShape, z.core.$ZodObjectConfig>

export interface Migration {
  collections: readonly CollectionDefinition[]
}

/** Checks a definition and hands it back. Throws `configuration` naming every fault. */
export function defineMigration(migration: Migration): Migration {
  const { collections } = migration
  const faults = [
    ...(collections.length === 0 ? ['There is no collection.'] : []),
    ...collections.flatMap(ofCollection),
    ...twice(collections.map(({ name }) => name)).map((name) => `There are two collections ${name}.`),
    ...twice(collections.map(({ singular }) => singular)).map((name) => `Two collections have the singular ${name}.`),
    ...sharedDocuments(collections),
  ]
  if (faults.length > 0)
    throw new CutoverError('configuration', `The migration is not well defined. ${faults.join(' ')}`, {
      details: { faults },
    })
  return migration
}

/** Names are in the names of documents, of Redis keys and of tools, all of which have limits of their own. */
const NAME_CHARS_MAX = 64
/** Its records would be kept under the keys that guard those of all others. */
const OWN_PREFIX = 'cutover'
const DOCUMENTS_MAX = 1_000

function ofCollection({ name, singular, documents }: CollectionDefinition): string[] {
  const faults: string[] = []
  const shown = JSON.stringify(name.slice(0, NAME_CHARS_MAX))
  if (!/^[a-z][a-z0-9_-]*$/.test(name)) faults.push(`The name ${shown} is not of the form [a-z][a-z0-9_-]*.`)
  if (name.length > NAME_CHARS_MAX || singular.length > NAME_CHARS_MAX)
    faults.push(`The name or the singular of ${shown} is longer than ${NAME_CHARS_MAX} characters.`)
  if (name === OWN_PREFIX) faults.push(`No collection can be called ${OWN_PREFIX}.`)
  if (!/^[a-z][a-z0-9_]*$/.test(singular)) faults.push(`The singular of ${shown} is not of the form [a-z][a-z0-9_]*.`)
  if (documents !== undefined && !(Number.isInteger(documents) && documents >= 1 && documents <= DOCUMENTS_MAX))
    faults.push(`The documents of ${shown} must be 1 to ${DOCUMENTS_MAX}.`)
  return faults
}

function twice(names: string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) < at))]
}

/** `a` over several documents has `a-0.json`, and so has the collection `a-0`: they would write into each other. */
function sharedDocuments(collections: readonly CollectionDefinition[]): string[] {
  return collections.flatMap(({ name, documents = DOCUMENTS_MAX }) => {
    if (documents === 1) return []
    const parts = new Set(Array.from({ length: Math.min(documents, DOCUMENTS_MAX) }, (_, at) => `${name}-${at}`))
    const others = collections.filter((other) => parts.has(other.name) && (other.documents ?? 1) === 1)
    return others.map((other) => `${other.name} is the name of a document of ${name}: set its documents to 1.`)
  })
}

/** The schemas of all collections, loaded where they are not yet. */
export async function schemasOf({ collections }: Migration): Promise<CollectionSchemas> {
  const loaded = collections.map(async (definition) => [definition.name, await schemaOf(definition)] as const)
  return Object.fromEntries(await Promise.all(loaded))
}

export async function schemaOf({ schema }: CollectionDefinition): Promise<RecordSchema> {
  return typeof schema === 'function' ? await schema() : schema
}

/** What the deployment serves when nobody defines another: the MCP server's projects and resources. */
export const defaultMigration: Migration = defineMigration({
  collections: [
    {
      name: 'projects',
      singular: 'project',
      schema: async () => (await import('./commands/records/schemas.js')).projectSchema,
    },
    {
      name: 'resources',
      singular: 'resource',
      schema: async () => (await import('./commands/records/schemas.js')).resourceSchema,
    },
  ],
})
