import * as z from 'zod'
import { checkSize } from '../commands/records/size.js'
import type { Condition, DataPlane, Mutation, WriteOutcome } from '../core/data-plane.js'
import { CutoverError } from '../core/error.js'
import { checkId, isSameId } from '../core/id.js'
import { isJsonObject, type JsonObject } from '../core/json.js'
import { checkSurvives } from '../core/json-text.js'
import { mergePatch } from '../core/merge-patch.js'
import { sightingOf } from '../core/session.js'
import type { McpCollection } from './collection.js'
import { nameOperation, type OperationSource } from './operation.js'
import { deletedSchema, idempotencyKeySchema, idSchema, ifMatchSchema, writtenSchema } from './schemas.js'
import type { Hints, Tool, ToolAnswer } from './tool.js'

export function writeTools(dataPlane: DataPlane, collection: McpCollection, source: OperationSource): Tool[] {
  return [
    createTool(dataPlane, collection, source),
    updateTool(dataPlane, collection, source),
    deleteTool(dataPlane, collection, source),
  ]
}

function createTool(dataPlane: DataPlane, collection: McpCollection, source: OperationSource): Tool {
  const { name, singular, schema } = collection
  const inputSchema = schema.extend({
    id: idSchema.optional().describe('Id of your choice; one is made up if you give none'),
    idempotencyKey: idempotencyKeySchema.optional(),
  })
  const tool = `create_${singular}`
  return {
    name: tool,
    title: `Create ${singular}`,
    description: `Creates a ${singular}. Refused if there is one with this id already.`,
    role: 'writer',
    annotations: hints({ destructiveHint: false, idempotentHint: false }),
    inputSchema,
    outputSchema: writtenSchema,
    async run(input: { id?: string; idempotencyKey?: string; [member: string]: unknown }, caller) {
      const { id: given, idempotencyKey: key, ...members } = input
      const named = await nameOperation(source, { caller, collection: name, tool, key, request: { given, members } })
      // Made from the key, so that a repetition means the same record.
      const id = checkId(given ?? named.derivedId)
      const value = checkRecord(collection, id, { id, ...members })
      const mutation: Mutation = { kind: 'put', value, condition: { kind: 'if-none-match' } }
      const outcome = await dataPlane.write(name, id, named.operation, mutation).catch((error: unknown) => {
        if (!(error instanceof CutoverError && error.code === 'precondition-failed')) throw error
        const message = `There is a ${singular} with this id already. Use update_${singular}, or another id.`
        throw new CutoverError('precondition-failed', message, { cause: error, details: error.details })
      })
      return written(name, id, outcome)
    },
  }
}

function updateTool(dataPlane: DataPlane, collection: McpCollection, source: OperationSource): Tool {
  const { name, singular } = collection
  const inputSchema = z.strictObject({
    id: idSchema,
    changes: z.looseObject({}).describe('JSON merge patch: members to set; null removes a member'),
    ifMatch: ifMatchSchema.optional(),
    idempotencyKey: idempotencyKeySchema.optional(),
  })
  const tool = `update_${singular}`
  return {
    name: tool,
    title: `Update ${singular}`,
    description: `Changes members of one ${singular}; the others stay as they are.`,
    role: 'writer',
    annotations: hints({ destructiveHint: true, idempotentHint: true }),
    inputSchema,
    outputSchema: writtenSchema,
    async run({ id, changes, ifMatch, idempotencyKey: key }: z.output<typeof inputSchema>, caller) {
      checkId(id)
      const patch = checkObject(changes, 'changes')
      if (Object.hasOwn(patch, 'id') && !isSameId(patch.id, id)) {
        throw new CutoverError('invalid-input', 'The id of a record cannot be changed.')
      }
      const request = { id, changes, ifMatch }
      const { operation } = await nameOperation(source, { caller, collection: name, tool, key, request })
      // The id goes first for records that were stored without one; where there is one, it wins.
      const change = (current: JsonObject) => checkRecord(collection, id, { id, ...mergePatch(current, patch) })
      return written(
        name,
        id,
        await dataPlane.write(name, id, operation, { kind: 'patch', change, ...unless(ifMatch) }),
      )
    },
  }
}

function deleteTool(dataPlane: DataPlane, { name, singular }: McpCollection, source: OperationSource): Tool {
  const inputSchema = z.strictObject({
    id: idSchema,
    ifMatch: ifMatchSchema.optional(),
    idempotencyKey: idempotencyKeySchema.optional(),
  })
  const tool = `delete_${singular}`
  return {
    name: tool,
    title: `Delete ${singular}`,
    description: `Deletes one ${singular}.`,
    role: 'writer',
    annotations: hints({ destructiveHint: true, idempotentHint: true }),
    inputSchema,
    outputSchema: deletedSchema,
    async run({ id, ifMatch, idempotencyKey: key }: z.output<typeof inputSchema>, caller) {
      checkId(id)
      const request = { id, ifMatch }
      const { operation } = await nameOperation(source, { caller, collection: name, tool, key, request })
      const outcome = await dataPlane.write(name, id, operation, { kind: 'delete', ...unless(ifMatch) })
      const seen = [sightingOf(name, id, outcome)]
      return { output: { id, etag: outcome.etag, deleted: true }, served: outcome, seen }
    },
  }
}

function hints(some: Pick<Hints, 'destructiveHint' | 'idempotentHint'>): Hints {
  return { readOnlyHint: false, openWorldHint: false, ...some }
}

function unless(ifMatch: string | undefined): { condition?: Condition } {
  return ifMatch === undefined ? {} : { condition: { kind: 'if-match', etag: ifMatch } }
}

function written(collection: string, id: string, outcome: WriteOutcome): ToolAnswer {
  const { etag, created, value } = outcome
  const seen = [sightingOf(collection, id, outcome)]
  return { output: { id, etag, created, record: value }, served: outcome, seen }
}

function checkObject(value: unknown, path: string): JsonObject {
  const json = checkSurvives(value, path)
  if (isJsonObject(json)) return json
  throw new CutoverError('invalid-input', `The value at ${path} is not an object.`)
}

/** Faults name places and what is expected there, never what was sent. */
function checkRecord({ singular, schema }: McpCollection, id: string, value: JsonObject): JsonObject {
  const checked = schema.safeParse({ ...value, id })
  if (checked.success) return checkSize(checkObject(value, singular))
  const faults = checked.error.issues.slice(0, FAULTS_MAX).map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new CutoverError('invalid-input', `This would not be a valid ${singular}. ${faults.join('; ')}.`)
}

/** Faults named in one message. */
const FAULTS_MAX = 5
