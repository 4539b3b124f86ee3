import * as z from 'zod'
import type { CheckpointKind, Rule } from '../../../core/checkpoint/checkpoint.js'
import { CutoverError } from '../../../core/error.js'
import { askCheck } from '../../../engine/checkpoints/ask.js'
import { readPhaseCheck } from '../../../engine/checkpoints/named.js'
import { componentOf } from '../../../engine/components.js'
import { checkShape, kindShape, shownCheck, wishOf, wishShape } from '../../checkpoint-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { limitsInput, reasonInput, stated } from '../../shapes.js'

export const validateComponent = command({
  name: 'validate-component',
  summary:
    'Asks for checkpoints of a component: each ends as pass, breach or not-enough-evidence, and keeps what it was decided from.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/validation/{component}' },
  input: z.strictObject({
    component: z.string().min(1).describe('A collection, or a part that a flag switches'),
    kinds: z
      .array(kindShape)
      .min(1)
      .max(5)
      .optional()
      .describe(
        'Default: data-consistency and api-compatibility; for a part that a flag switches api-compatibility and performance',
      ),
    check: z.string().optional().describe('Name of a phase check, in place of kinds'),
    phase: z.string().min(1).max(64).optional().describe('The phase that it guards, for the record'),
    reason: reasonInput.shape.reason.default('asked for'),
    ...wishShape.shape,
    ...limitsInput.shape,
  }),
  output: checkShape,
  run: async ({ engine }: CommandContext, { component, kinds, check, phase = null, reason, ...rest }, caller) => {
    const { recordsPerSecondMax, commandsPerSecondMax, throttle, ...wish } = rest
    const limits = stated({ recordsPerSecondMax, commandsPerSecondMax, throttle })
    const rules = check === undefined ? await rulesFor(engine, component, kinds, wish) : null
    if (rules === null && (kinds !== undefined || Object.values(wish).some((value) => value !== undefined))) {
      throw new CutoverError('invalid-input', 'A phase check has its own kinds and rules: name only the check.')
    }
    const named = rules ?? (await readPhaseCheck(engine, check ?? '')).rules
    const request = { component, phase, name: check ?? null, rules: named, limits }
    return shownCheck(await askCheck(engine, request, { by: caller.name, reason }))
  },
})

async function rulesFor(
  engine: CommandContext['engine'],
  component: string,
  kinds: readonly CheckpointKind[] | undefined,
  wish: z.output<typeof wishShape>,
): Promise<Rule[]> {
  const { kind } = await componentOf(engine, component)
  const first = kind === 'collection' ? ('data-consistency' as const) : ('performance' as const)
  const asked = kinds ?? [first, 'api-compatibility' as const]
  return [...new Set(asked)].map((one) => wishOf(one, wish))
}
