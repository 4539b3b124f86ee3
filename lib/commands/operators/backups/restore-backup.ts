import * as z from 'zod'
import { startRun } from '../../../engine/runs/start.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput, runShape, shownRun } from '../../shapes.js'
import { backupInput } from './shapes.js'

export const restoreBackup = command({
  name: 'restore-backup',
  summary: 'Puts a collection back to what a back-up holds, under its stage; a dry run counts and writes nothing.',
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/collections/{collection}/backups/{backupId}/restore' },
  input: backupInput.extend({
    ...reasonInput.shape,
    dryRun: z.boolean().default(false),
    mirror: z.boolean().default(false).describe('Also remove the records that the back-up does not have'),
  }),
  output: runShape,
  run: async ({ engine }: CommandContext, { collection, backupId, reason, dryRun, mirror }, caller) => {
    const input = { backup: backupId, dryRun, mirror }
    return shownRun(await startRun(engine, { kind: 'restore', collection, input, by: caller.name, reason }))
  },
})
