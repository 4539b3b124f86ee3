import { readManifest } from '../../../engine/backups/kept.js'
import { collectionOf } from '../../../engine/context.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { backupInput, backupShape, shownBackup } from './shapes.js'

export const showBackup = command({
  name: 'show-backup',
  summary: 'One back-up: when, how much, whether it is whole.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/collections/{collection}/backups/{backupId}' },
  input: backupInput,
  output: backupShape,
  run: async ({ engine }: CommandContext, { collection, backupId }) =>
    shownBackup(await readManifest(engine.backups, collectionOf(engine, collection).name, backupId)),
})
