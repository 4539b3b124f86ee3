import * as z from 'zod'
import { listBackups as list } from '../../../engine/backups/kept.js'
import { collectionOf } from '../../../engine/context.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput } from '../../shapes.js'
import { backupShape, shownBackup } from './shapes.js'

export const listBackups = command({
  name: 'list-backups',
  summary: 'The back-ups of a collection, newest first; what is under way is a run, and not among them.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/collections/{collection}/backups' },
  input: collectionInput.extend({
    before: z.string().optional().describe('Id to go on before'),
    limit: z.number().int().min(1).max(100).default(20),
  }),
  output: z.object({ items: z.array(backupShape), next: z.string().nullable() }),
  run: async ({ engine }: CommandContext, { collection, before = null, limit }) => {
    const { items, next } = await list(engine.backups, collectionOf(engine, collection).name, { before, limit })
    return { items: items.map(shownBackup), next }
  },
})
