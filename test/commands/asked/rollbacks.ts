import { emergencyStop } from '../../../lib/engine/rollback/emergency-stop.js'
import { putProcedure } from '../../../lib/engine/rollback/procedures.js'
import { rollBackComponent } from '../../../lib/engine/rollback/roll-back-component.js'
import { go, MOVER, type World } from '../../engine/runs/world.js'
import type { Asked } from './ask.js'

const reason = { reason: 'because' }
const steps = [
  { kind: 'move' as const, to: 'live' as const },
  { kind: 'pass' as const, when: 'needed' as const },
  { kind: 'wait' as const, seconds: 60 },
  { kind: 'move' as const, to: 'shadow' as const },
]

export const rollbacks: Asked = {
  'roll-back-component': {
    path: { component: 'projects' },
    input: reason,
    before: async (at) => void (await go(at, 'live')),
  },
  'list-rollbacks': { before: underWay },
  'show-rollback': { before: underWay },
  'stop-rollback': { before: underWay, input: reason },
  'list-procedures': { before: procedure },
  'show-procedure': { before: procedure },
  'put-procedure': { path: { name: 'slowly' }, input: { ...reason, for: 'collection', steps, component: 'projects' } },
  'delete-procedure': { before: procedure, input: reason },
  'emergency-stop': { input: reason, before: async (at) => void (await go(at, 'live')) },
  'show-emergency-stop': { before: stopped },
  'lift-emergency-stop': { before: stopped, input: reason },
  'list-overrides': {},
}

async function underWay(at: World): Promise<{ rollbackId: string }> {
  await go(at, 'complete')
  const { id } = await rollBackComponent(at.context, { component: 'projects', cause: { kind: 'operator' } }, MOVER)
  return { rollbackId: id }
}

async function procedure(at: World): Promise<{ name: string }> {
  await putProcedure(at.context, { name: 'slowly', for: 'collection', description: '', steps }, MOVER)
  return { name: 'slowly' }
}

async function stopped(at: World): Promise<undefined> {
  await emergencyStop(at.context, MOVER)
}
