import * as z from 'zod'

/** Records in one answer: enough to look around, few enough for a model's context. */
const LIMIT_DEFAULT = 20
export const LIMIT_MAX = 100

export const idSchema = z.string().describe('Id of the record')
export const cursorSchema = z.string().describe('nextCursor of the previous page')
export const limitSchema = z.int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT).describe('Records at most')
export const ifMatchSchema = z.string().min(1).describe('Do it only if the record still has this etag')
export const idempotencyKeySchema = z
  .string()
  .min(1)
  .max(255)
  .describe('Any text of your own. A repetition with the same key and the same arguments has no second effect')

/**
 * A record in an answer may be any object: clients refuse answers that break the output schema, and a record that was
 * stored before its collection had its present schema must stay readable.
 */
const recordSchema = z.looseObject({})

export const itemSchema = z.object({
  id: z.string(),
  etag: z.string().describe('Version of the record, for ifMatch'),
  record: recordSchema,
})

export const pageSchema = z.object({
  items: z.array(itemSchema),
  nextCursor: z.string().optional().describe('There is more: pass it as cursor'),
})

export const searchPageSchema = pageSchema.extend({
  scanned: z.int().describe('Records looked at in this call'),
})

export const writtenSchema = z.object({
  id: z.string(),
  etag: z.string().describe('Version of the record, for ifMatch'),
  created: z.boolean(),
  record: recordSchema.nullable().describe('null if this call repeats one that was answered before'),
})

export const deletedSchema = z.object({ id: z.string(), etag: z.string(), deleted: z.literal(true) })
