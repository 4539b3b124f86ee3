import type { World } from '../../engine/runs/world.js'
import { begin, drain } from '../../engine/runs/world.js'
import type { Asked } from './ask.js'

const reason = { reason: 'because' }
const checkpoints_ = { checkpoints: [{ kind: 'data-consistency', boundPercent: 5 }] }

/** Commands of lib/commands/operators/checkpoints. */
export const checkpoints: Asked = {
  'validate-component': { path: { component: 'projects' }, input: reason },
  'list-checkpoints': { before: async (at) => void (await proof(at)) },
  'show-checkpoint': { before: proof },
  'explain-checkpoint': { before: proof },
  'list-checks': {},
  'put-phase-check': { path: { name: 'before-live' }, input: { ...reason, ...checkpoints_ } },
  'list-phase-checks': { before: async (at) => void (await named(at)) },
  'remove-phase-check': { before: named, input: reason },
  'record-api-comparison': {
    silent: true,
    path: { component: 'search' },
    input: { pairs: [{ request: { method: 'GET', path: '/a' }, legacy: { status: 200 }, new: { status: 404 } }] },
    before: async (at) => {
      const value = { name: 'search', kind: 'flag', flag: 'new-search', description: '' }
      await at.context.ledger.commit([{ key: 'component/search', ifRevision: null, value }])
      return undefined
    },
  },
}

async function proof(at: World): Promise<{ checkpointId: string }> {
  const { id } = await begin(at, { zeroLoss: true }, 'validate')
  await drain(at)
  return { checkpointId: id }
}

async function named(at: World): Promise<{ name: string }> {
  const { putPhaseCheck } = await import('../../../lib/engine/checkpoints/named.js')
  const check = { name: 'before-live', description: '', rules: [{ kind: 'zero-loss' as const }] }
  await putPhaseCheck(at.context, check, { by: 'ann', reason: 'r' })
  return { name: check.name }
}
