import { begin, drain, type World } from '../../engine/runs/world.js'
import type { Asked } from './ask.js'

const reason = { reason: 'because' }
const path = { collection: 'projects' }

async function backedUp(at: World): Promise<{ backupId: string }> {
  const { id } = await begin(at, {}, 'back-up')
  await drain(at)
  const { value } = (await at.context.ledger.read(`run/${id}`)) ?? {}
  return { backupId: (value as { result: { backup: string } }).result.backup }
}

/** Commands of lib/commands/operators/backups. */
export const backups: Asked = {
  'back-up': { path, input: { ...reason, keep: 2 } },
  'list-backups': { path, before: backedUp },
  'show-backup': { path, before: backedUp },
  'check-backup': { path, before: backedUp, input: reason },
  'restore-backup': { path, before: backedUp, input: { ...reason, dryRun: true } },
  'delete-backup': { path, before: backedUp, input: reason },
}
