import { CutoverError } from '../../../lib/core/error.js'
import { begin, drain, type World } from '../../engine/runs/world.js'
import type { Asked } from './ask.js'

const reason = { reason: 'because' }

/** Eight records that the target refuses, set aside by a pass. */
async function letters(at: World): Promise<undefined> {
  at.faults.before = (store, call) => {
    if (store === 'target' && call === 'applyMany') throw new CutoverError('too-large', 'The record is over the limit.')
  }
  await begin(at)
  await drain(at)
  at.faults.before = () => undefined
  return undefined
}

/** Commands of lib/commands/operators/stores. */
export const stores: Asked = {
  'list-breakers': {},
  'force-breaker-open': { path: { store: 'target' }, input: reason },
  'reset-breaker': { path: { store: 'target' }, input: reason },
  'find-dead-letters': { before: letters },
  'retry-dead-letters': { before: letters, input: { ...reason, code: 'too-large' } },
  'drop-dead-letters': { before: letters, input: { ...reason, collection: 'projects' } },
}
