import { startRun } from '../../../engine/runs/start.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput, runShape, shownRun } from '../../shapes.js'
import { backupInput } from './shapes.js'

export const checkBackup = command({
  name: 'check-backup',
  summary: 'Reads every part of a back-up again and says whether it is what was written.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/backups/{backupId}/check' },
  input: backupInput.extend({ reason: reasonInput.shape.reason.default('asked for') }),
  output: runShape,
  run: async ({ engine }: CommandContext, { collection, backupId, reason }, caller) => {
    const input = { backup: backupId }
    return shownRun(await startRun(engine, { kind: 'check-backup', collection, input, by: caller.name, reason }))
  },
})
