import type * as z from 'zod'

/** One kind of record, as the tools speak of it. */
export interface McpCollection {
  /** Plural, as in tool names and URIs: `projects`. */
  name: string
  /** `project`. */
  singular: string
  /** What a whole record must be to be written. Its `id` is the record's own. Records already stored may differ. */
  schema: z.ZodObject<z.ZodRawShape, z.core.$ZodObjectConfig>
}
