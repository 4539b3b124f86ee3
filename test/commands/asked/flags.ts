import { killFlag, putNamedFlag } from '../../../lib/engine/flags/flags.js'
import { putGroup } from '../../../lib/engine/flags/groups.js'
import { flagNamed } from '../../engine/flags/flag-named.js'
import { MOVER, type World } from '../../engine/runs/world.js'
import type { Asked } from './ask.js'

const reason = { reason: 'because' }

/** Commands of lib/commands/operators/flags. */
export const flags: Asked = {
  'put-flag': { path: { name: 'checkout' }, input: { ...reason, definition: { rollout: { percent: 12.5 } } } },
  'delete-flag': { before: flag, input: reason },
  'kill-flag': { before: flag, input: reason },
  'revive-flag': { before: killedFlag, input: reason },
  'evaluate-flag': { before: flag },
  'show-flag-history': { before: flag },
  'list-flag-groups': { before: group },
  'show-flag-group': { before: group },
  'put-flag-group': { path: { name: 'staff' }, input: { ...reason, members: ['ann', 'bob'] } },
  'delete-flag-group': { before: group, input: reason },
}

async function flag(at: World): Promise<{ name: string }> {
  await putNamedFlag(at.context, flagNamed('checkout'), MOVER)
  return { name: 'checkout' }
}

async function killedFlag(at: World): Promise<{ name: string }> {
  const made = await flag(at)
  await killFlag(at.context, made.name, MOVER)
  return made
}

async function group(at: World): Promise<{ name: string }> {
  await putGroup(at.context, { name: 'staff', description: '', members: ['ann'] }, MOVER)
  return { name: 'staff' }
}
