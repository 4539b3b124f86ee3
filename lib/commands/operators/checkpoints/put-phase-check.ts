import * as z from 'zod'
import { PHASE_CHECK_NAME, putPhaseCheck as putOf, RULES_MAX } from '../../../engine/checkpoints/named.js'
import { kindShape, wishOf, wishShape } from '../../checkpoint-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { phaseCheckShape, shownPhaseCheck } from '../../phase-check-shape.js'
import { reasonInput } from '../../shapes.js'

export const putPhaseCheck = command({
  name: 'put-phase-check',
  summary: 'Names a list of checkpoints with their rules, to be asked together between two phases.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'PUT', path: '/phase-checks/{name}' },
  input: z.strictObject({
    name: z.string().regex(PHASE_CHECK_NAME).describe('Small letters, digits and hyphens'),
    description: z.string().max(500).default(''),
    checkpoints: z
      .array(wishShape.extend({ kind: kindShape }))
      .min(1)
      .max(RULES_MAX)
      .describe('Such as {"kind": "data-consistency", "boundPercent": 1}'),
    ...reasonInput.shape,
  }),
  output: phaseCheckShape,
  run: async ({ engine }: CommandContext, { name, description, checkpoints, reason }, caller) => {
    const rules = checkpoints.map(({ kind, ...wish }) => wishOf(kind, wish))
    return shownPhaseCheck(await putOf(engine, { name, description, rules }, { by: caller.name, reason }))
  },
})
