import { enterAudit } from '../../../engine/audit.js'
import { deleteBackup as remove } from '../../../engine/backups/kept.js'
import { collectionOf } from '../../../engine/context.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { backupInput, backupShape, shownBackup } from './shapes.js'

export const deleteBackup = command({
  name: 'delete-backup',
  summary: 'Deletes a back-up for good.',
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'DELETE', path: '/collections/{collection}/backups/{backupId}' },
  input: backupInput.extend(reasonInput.shape),
  output: backupShape,
  run: async ({ engine }: CommandContext, { collection, backupId, reason }, caller) => {
    const deleted = await remove(engine.backups, collectionOf(engine, collection).name, backupId)
    const before = { backup: backupId, records: deleted.records, status: deleted.status }
    await enterAudit(engine, { by: caller.name, action: 'delete-backup', collection, reason, before, after: null })
    return shownBackup(deleted)
  },
})
