import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import type * as z from 'zod'

/**
 * The same schema, whose description as JSON Schema is made once in a process: the SDK asks for it at every call of a
 * tool, and for those of all tools at every listing. What is remembered is frozen, so that no request can change it for another.
 */
export function remembered(schema: z.ZodType): StandardSchemaWithJSON {
  const standard = schema['~standard']
  const { jsonSchema } = standard as StandardSchemaWithJSON['~standard']
  const described = new Map<string, Description>()
  const once = (io: 'input' | 'output'): Describe => {
    return (options) => {
      if (options.libraryOptions !== undefined) return jsonSchema[io](options)
      const key = `${io} ${options.target}`
      const known = described.get(key) ?? frozen(jsonSchema[io](options))
      described.set(key, known)
      return known
    }
  }
  return { '~standard': { ...standard, jsonSchema: { input: once('input'), output: once('output') } } }
}

type Describe = StandardSchemaWithJSON['~standard']['jsonSchema']['input']
type Description = ReturnType<Describe>

function frozen<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) frozen(part)
  return Object.freeze(value)
}
