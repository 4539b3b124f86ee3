import * as z from 'zod'
import type { CollectionSchemas } from './check.js'

/** Members that are not named here are kept as they are: a package manifest is a project once it has an id. */
export const projectSchema = z.looseObject({
  id: z.string().describe('Equals the id in the path'),
  name: z.string().min(1).max(200),
  description: z.string().optional(),
  version: z.string().optional(),
  homepage: z.string().optional(),
  license: z.string().optional(),
  keywords: z.array(z.string()).optional(),
  status: z.enum(['active', 'archived']).optional(),
  createdAt: z.iso.datetime({ offset: true }).optional(),
  updatedAt: z.iso.datetime({ offset: true }).optional(),
})

export const resourceSchema = z.looseObject({
  id: z.string().describe('Equals the id in the path'),
  projectId: z.string().min(1),
  name: z.string().min(1).max(200),
  kind: z.string().optional(),
  uri: z.string().optional(),
  mimeType: z.string().optional(),
  text: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
})

export const collectionSchemas = {
  projects: projectSchema,
  resources: resourceSchema,
} satisfies CollectionSchemas
