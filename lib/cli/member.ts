import * as z from 'zod'

/** One member of a command's input, as far as a command line has to know it. */
export interface Member {
  name: string
  /** `rolloutPercent` is `--rollout-percent`. */
  flag: string
  /** How its text is read. `scalar`: a text, or what else it can be; `json`: all that has no simpler form. */
  kind: 'text' | 'number' | 'boolean' | 'scalar' | 'json'
  /** It takes several values of that kind. */
  list: boolean
  nullable: boolean
  required: boolean
  choices: readonly string[]
  description: string
  /** As JSON; empty without one. */
  default: string
}

/** What may be sent, in the order of the schema. Of a union, the members of all its branches. */
export function membersOf(schema: z.ZodType): Member[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const found = shapeOf(root, root, 0)
  return [...found.members].map(([name, schemas]) => memberOf(name, schemas, root, found.required.has(name)))
}

type Schema = z.core.JSONSchema.BaseSchema

interface Shape {
  /** Each member with its schema in every branch that has it. */
  members: Map<string, Schema[]>
  required: Set<string>
}

/** Levels of unions, intersections and references. */
const NESTING_MAX = 8

function shapeOf(given: Schema, root: Schema, depth: number): Shape {
  const schema = resolve(given, root)
  const shape: Shape = { members: new Map(), required: new Set(schema.required ?? []) }
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    if (typeof member === 'object') shape.members.set(name, [member])
  }
  if (depth === NESTING_MAX) return shape
  const all = (schema.allOf ?? []).map((branch) => shapeOf(branch as Schema, root, depth + 1))
  const any = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].map((b) => shapeOf(b as Schema, root, depth + 1))
  for (const [name, schemas] of [...all, ...any].flatMap((branch) => [...branch.members])) {
    shape.members.set(name, [...(shape.members.get(name) ?? []), ...schemas])
  }
  for (const name of all.flatMap((branch) => [...branch.required])) shape.required.add(name)
  for (const name of any[0]?.required ?? []) {
    if (any.every((branch) => branch.required.has(name))) shape.required.add(name)
  }
  return shape
}

function memberOf(name: string, schemas: Schema[], root: Schema, required: boolean): Member {
  const leaves = schemas.flatMap((schema) => leavesOf(schema, root, 0))
  const types = new Set(leaves.flatMap(typesOf))
  const nullable = types.delete('null')
  const list = types.size === 1 && types.has('array')
  const items = list ? leaves.flatMap((leaf) => itemsOf(leaf, root)) : leaves
  const preset = [...schemas, ...leaves].find((schema) => schema.default !== undefined)?.default
  return {
    name,
    flag: kebab(name),
    kind: kindOf(list ? new Set(items.flatMap(typesOf)) : types),
    list,
    nullable,
    required,
    choices: [...new Set(items.flatMap(choicesOf))],
    description: [...schemas, ...leaves].find((schema) => schema.description !== undefined)?.description ?? '',
    default: preset === undefined ? '' : JSON.stringify(preset),
  }
}

function leavesOf(given: Schema, root: Schema, depth: number): Schema[] {
  const schema = resolve(given, root)
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  if (branches.length === 0 || depth === NESTING_MAX) return [schema]
  return branches.flatMap((branch) => leavesOf(branch as Schema, root, depth + 1))
}

function itemsOf(leaf: Schema, root: Schema): Schema[] {
  const { items } = leaf
  return typeof items === 'object' && !Array.isArray(items) ? leavesOf(items as Schema, root, 0) : []
}

function kindOf(types: ReadonlySet<string>): Member['kind'] {
  if (types.size === 0) return 'json'
  if ([...types].every((type) => type === 'number' || type === 'integer')) return 'number'
  if (types.size > 1) return [...types].every((type) => SCALARS.has(type)) ? 'scalar' : 'json'
  if (types.has('string')) return 'text'
  return types.has('boolean') ? 'boolean' : 'json'
}

const SCALARS: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean'])

function typesOf(schema: Schema): string[] {
  if (schema.type !== undefined) return [schema.type].flat()
  return valuesOf(schema).map((value) => (value === null ? 'null' : typeof value))
}

function choicesOf(schema: Schema): string[] {
  return valuesOf(schema).flatMap((value) => (value === null ? [] : [String(value)]))
}

function valuesOf(schema: Schema): unknown[] {
  return schema.const === undefined ? (schema.enum ?? []) : [schema.const]
}

function resolve(schema: Schema, root: Schema): Schema {
  const name = /^#\/\$defs\/(.+)$/.exec(schema.$ref ?? '')?.[1]
  const found = schema.$ref === '#' ? root : name === undefined ? undefined : root.$defs?.[name]
  return typeof found === 'object' ? (found as Schema) : schema
}

function kebab(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
