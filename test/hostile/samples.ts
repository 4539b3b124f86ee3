import fc from 'fast-check'
import { isJsonObject, type Json, type JsonObject } from '../../lib/core/json.js'

/**
 * Values that a JSON Schema takes, for the schemas that zod makes of our commands: the sound half of hostile input.
 * Where a schema says less than the command asks for, members of a known name get a value that means something.
 */
export function sampleOf(schema: JsonObject, depth = 0): fc.Arbitrary<Json> {
  const choices = [...branches(schema.anyOf), ...branches(schema.oneOf)]
  if (choices.length > 0) return fc.oneof(...choices.map((branch) => sampleOf(branch, depth)))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum)
  if (depth > 8) return fc.constant(null)
  if (schema.type === 'object') return objectOf(schema, depth)
  if (schema.type === 'array') {
    const items = isJsonObject(schema.items) ? (schema.items as JsonObject) : {}
    return fc.array(sampleOf(items, depth + 1), { minLength: 1, maxLength: 3 })
  }
  if (schema.type === 'integer' || schema.type === 'number') return numberOf(schema)
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'null') return fc.constant(null)
  return fc.constantFrom('a', 'text', 'r0001')
}

const KNOWN: { readonly [member: string]: readonly Json[] } = {
  collection: ['projects', 'projects', 'resources', 'none'],
  id: ['r0001', 'r0002', 'fresh', '5'],
  ids: [['r0001', 'r0002'], ['none']],
  runId: ['$run', '$run', 'no-such-run'],
  alertId: ['no-such-alert'],
  name: ['the-week', 'migration_mode', 'redis_read_projects', 'redis_write_resources', 'n'],
  value: [true, false, 50, 0.004, 1e-300, 'dual', 'json', 'redis', -1, 101],
  documents: [['exports/projects.json'], ['projects-0.json'], 1, 3],
  collections: [['projects'], ['projects', 'resources'], []],
  redact: [['$.secret'], ['$.**.token', '$.a[*]'], ['secret']],
  reason: ['because'],
  rolloutPercent: [0, 0.004, 1, 50, 99.99, 100, 1e-300],
  timeScale: [1, 86_400, 5e-324, 1e-9],
  recordsPerSecondMax: [1, 1_000, 5e-324, 1e300],
  quietMs: [0, 1_000, 9_007_199_254_740_991],
  cursor: ['x'],
  after: ['a', '\u0000', ''],
  before: ['1-1', '9999999999999999-9999', 'x'],
}

function objectOf(schema: JsonObject, depth: number): fc.Arbitrary<Json> {
  const properties = isJsonObject(schema.properties) ? (schema.properties as JsonObject) : {}
  const required = Array.isArray(schema.required) ? schema.required.map(String) : []
  const members = Object.entries(properties).map(([name, member]): [string, fc.Arbitrary<Json>] => {
    const known = KNOWN[name]
    const made = sampleOf(isJsonObject(member) ? (member as JsonObject) : {}, depth + 1)
    return [name, known === undefined ? made : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, made)]
  })
  return fc.record(Object.fromEntries(members), { requiredKeys: required.filter((name) => name in properties) })
}

function numberOf({ minimum, maximum, exclusiveMinimum, type }: JsonObject): fc.Arbitrary<Json> {
  const low = typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum : 0
  const high = typeof maximum === 'number' ? maximum : Number.MAX_SAFE_INTEGER
  const edges = [low, high, Math.min(high, low + 1), Math.min(high, 50)]
  return type === 'integer'
    ? fc.constantFrom(...edges)
    : fc.constantFrom(...edges, Math.min(high, low + 0.5), Math.min(high, low + 5e-324))
}

function branches(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter((branch): branch is JsonObject => isJsonObject(branch)) : []
}
