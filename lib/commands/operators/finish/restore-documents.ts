import * as z from 'zod'
import type { JsonObject } from '../../../core/json.js'
import { enterAudit } from '../../../engine/audit.js'
import { restoreCollection } from '../../../engine/finish/export.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, reasonInput } from '../../shapes.js'

export const restoreDocuments = command({
  name: 'restore-documents',
  summary: 'Puts the records of exported documents back, under the stage of the collection; a dry run only counts.',
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/collections/{collection}/restore' },
  input: collectionInput.extend({
    ...reasonInput.shape,
    documents: z.array(z.string()).min(1).max(1000),
    dryRun: z.boolean().default(false),
  }),
  output: z.object({ read: z.number().int(), written: z.number().int(), equal: z.number().int() }),
  run: async ({ engine, checkRecord }: CommandContext, { collection, documents, dryRun, reason }, caller) => {
    const check = (id: string, value: JsonObject): JsonObject => checkRecord(collection, id, value)
    const done = await restoreCollection(engine, { collection, documents, dryRun, check })
    if (!dryRun)
      await enterAudit(engine, {
        by: caller.name,
        action: 'restore-documents',
        collection,
        reason,
        before: null,
        after: { ...done },
      })
    return done
  },
})
