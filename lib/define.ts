import type * as z from 'zod'
import { collectionSchemas } from './commands/records/schemas.js'
import { CutoverError } from './core/error.js'

/** One collection to be moved. */
export interface CollectionDefinition {
  /** Plural, `[a-z][a-z0-9_-]*`: in URLs, in Redis keys, and the name of its document (`projects.json`). */
  name: string
  /** Singular, for MCP tool names. */
  singular: string
  /** What a record must be to be written; members it does not know are kept. */
  schema: z.ZodObject<z.ZodRawShape, z.core.$ZodObjectConfig>
  /** Documents the collection is spread over, by hash of the id. Default: `CUTOVER_DOCUMENTS`, or 1. */
  documents?: number
  /** Member that holds the id in legacy arrays. Default `id`. */
  idMember?: string
  /** Shape of a document that does not exist yet. Default `map`. */
  shape?: 'map' | 'array'
  /** Records with one bucket key are rolled out together. Default: the id. */
  bucketKey?: (id: string) => string
}

export interface Migration {
  collections: readonly CollectionDefinition[]
}

/** Checks a definition and hands it back. Throws `configuration` naming every fault. */
export function defineMigration(migration: Migration): Migration {
  const faults: string[] = []
  const names = new Set<string>()
  if (migration.collections.length === 0) faults.push('There is no collection.')
  for (const { name, singular, documents } of migration.collections) {
    if (!/^[a-z][a-z0-9_-]*$/.test(name))
      faults.push(`The name ${JSON.stringify(name)} is not of the form [a-z][a-z0-9_-]*.`)
    if (!/^[a-z][a-z0-9_]*$/.test(singular)) faults.push(`The singular of ${name} is not of the form [a-z][a-z0-9_]*.`)
    if (names.has(name)) faults.push(`There are two collections ${name}.`)
    if (documents !== undefined && !(Number.isInteger(documents) && documents >= 1 && documents <= 1000)) {
      faults.push(`The documents of ${name} must be 1 to 1000.`)
    }
    names.add(name)
  }
  if (faults.length > 0)
    throw new CutoverError('configuration', `The migration is not well defined. ${faults.join(' ')}`, {
      details: { faults },
    })
  return migration
}

/** What the deployment serves when nobody defines another: the MCP server's projects and resources. */
export const defaultMigration: Migration = defineMigration({
  collections: [
    { name: 'projects', singular: 'project', schema: collectionSchemas.projects },
    { name: 'resources', singular: 'resource', schema: collectionSchemas.resources },
  ],
})
