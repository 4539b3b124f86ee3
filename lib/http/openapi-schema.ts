import * as z from 'zod'
import { isJsonObject, type Json, type JsonObject } from '../core/json.js'

/**
 * JSON Schemas for the `components` of one OpenAPI document. A schema that refers to itself or to parts of its own
 * does so relative to its own root; inside a larger document those references must name the place it was put.
 */
export class SchemaComponents {
  readonly #schemas = new Map<string, Json>()

  set(name: string, schema: JsonObject): JsonObject {
    this.#schemas.set(name, schema)
    return { $ref: reference(name) }
  }

  /** Puts the schema under `name` and returns the reference to it. */
  add(name: string, schema: z.ZodType): JsonObject {
    return this.set(name, this.#convert(name, schema))
  }

  /** The schema itself, for taking apart. Only its parts that are referred to are put under `components`. */
  inline(name: string, schema: z.ZodType): JsonObject {
    const converted = this.#convert(name, schema)
    if (JSON.stringify(converted).includes(`"${reference(name)}"`)) this.set(name, converted)
    return converted
  }

  all(): JsonObject {
    return Object.fromEntries(this.#schemas)
  }

  #convert(name: string, schema: z.ZodType): JsonObject {
    // Callers send and receive what goes into a schema: nothing is transformed on its way out.
    const converted = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
    const { $schema: _, $defs = {}, ...root } = JSON.parse(JSON.stringify(converted)) as JsonObject
    for (const [part, definition] of Object.entries($defs as JsonObject)) {
      this.#schemas.set(`${name}.${part}`, rebase(definition, name))
    }
    return rebase(root, name) as JsonObject
  }
}

function reference(name: string): string {
  return `#/components/schemas/${name}`
}

function rebase(value: Json, name: string): Json {
  if (Array.isArray(value)) return value.map((item) => rebase(item, name))
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).map(([key, member]): [string, Json] => {
    if (key !== '$ref' || typeof member !== 'string') return [key, rebase(member, name)]
    return [key, member === '#' ? reference(name) : member.replace('#/$defs/', `${reference(name)}.`)]
  })
  return Object.fromEntries(members)
}
