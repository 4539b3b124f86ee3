import * as z from 'zod'
import { flagHistory } from '../../../engine/flags/history.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { flagNameInput } from '../../shown-flag.js'

export const showFlagHistory = command({
  name: 'show-flag-history',
  summary: 'Who changed a named flag, when and why, with the flag before and after; newest first.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/feature-flags/{name}/history', also: ['/flags/{name}/history'] },
  input: flagNameInput.extend({
    before: z.string().optional().describe('Position to go on before'),
    limit: z.number().int().min(1).max(500).default(50),
  }),
  output: z.object({
    items: z.array(
      z.object({
        position: z.string(),
        at: z.string(),
        by: z.string(),
        action: z.string(),
        reason: z.string(),
        before: z.unknown(),
        after: z.unknown(),
      }),
    ),
    next: z.string().nullable(),
  }),
  run: ({ engine }: CommandContext, input) => flagHistory(engine.ledger, input),
})
