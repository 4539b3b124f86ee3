import { raiseAlert } from '../../../lib/engine/alerts/raise.js'
import type { World } from '../../engine/runs/world.js'
import type { Asked } from './ask.js'

const reason = { reason: 'because' }

/** Commands of lib/commands/operators/alerts. */
export const alerts: Asked = {
  'list-alerts': { before: raised },
  'show-alert': { before: raised },
  'acknowledge-alert': { before: raised, input: reason },
  'escalate-alert': { before: raised, input: reason },
  'resolve-alert': { before: raised, input: reason },
  'list-deliveries': { before: raised },
}

async function raised(at: World): Promise<{ alertId: string }> {
  const { id } = await raiseAlert(at.context, {
    about: 'something',
    severity: 'critical',
    kind: 'target-lost-data',
    component: null,
    message: 'm',
  })
  return { alertId: id }
}
