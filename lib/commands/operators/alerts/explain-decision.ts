import * as z from 'zod'
import { readDecision } from '../../../engine/monitor/decisions.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { decisionShape, shownDecision } from '../../rule-shape.js'

export const explainDecision = command({
  name: 'explain-decision',
  summary: 'Why something was decided: in sentences, with its numbers and the rule as it was.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/decisions/{decisionId}' },
  input: z.strictObject({ decisionId: z.string().min(1).describe('Id of the decision') }),
  output: decisionShape,
  run: async ({ engine }: CommandContext, { decisionId }) => shownDecision(await readDecision(engine, decisionId)),
})
