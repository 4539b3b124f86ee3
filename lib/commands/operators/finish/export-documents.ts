import * as z from 'zod'
import { enterAudit } from '../../../engine/audit.js'
import { collectionOf } from '../../../engine/context.js'
import { exportCollection, mustNotBeSource } from '../../../engine/finish/export.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, reasonInput } from '../../shapes.js'

export const exportDocuments = command({
  name: 'export-documents',
  summary: 'Writes a collection as JSON documents in their old shape.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/export' },
  input: collectionInput.extend({
    name: z
      .string()
      .regex(/^[A-Za-z0-9._/-]+$/)
      .optional()
      .describe('Document to write; default exports/<collection>.json'),
    documents: z.number().int().min(1).max(1000).default(1),
    shape: z.enum(['map', 'array']).optional().describe('Default: the shape of the documents that it came from'),
    reason: reasonInput.shape.reason.default('asked for'),
  }),
  output: z.object({ records: z.number().int(), documents: z.array(z.string()) }),
  run: async ({ engine }: CommandContext, { collection, reason, ...request }, caller) => {
    const name = request.name ?? `exports/${collection}.json`
    mustNotBeSource(engine, engine.documents, name, request.documents)
    const done = await exportCollection(engine.dataPlane, engine.documents, {
      collection,
      name,
      documents: request.documents,
      shape: request.shape ?? (await collectionOf(engine, collection).source.shape?.()) ?? 'map',
    })
    await enterAudit(engine, {
      by: caller.name,
      action: 'export-documents',
      collection,
      reason,
      before: null,
      after: { ...done },
    })
    return done
  },
})
