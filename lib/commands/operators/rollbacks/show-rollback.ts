import * as z from 'zod'
import { readRollback } from '../../../engine/rollback/kept.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { rollbackShape, shownRollback } from '../../rollback-shape.js'

export const showRollback = command({
  name: 'show-rollback',
  summary: 'One rollback: its steps with their times, what is left, and why.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/rollbacks/{rollbackId}' },
  input: z.strictObject({ rollbackId: z.string().min(1).max(64) }),
  output: rollbackShape,
  run: async ({ engine }: CommandContext, { rollbackId }) =>
    shownRollback((await readRollback(engine.ledger, rollbackId)).rollback),
})
