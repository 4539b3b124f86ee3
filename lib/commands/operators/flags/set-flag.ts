import * as z from 'zod'
import { isViewName } from '../../../core/flags/definition.js'
import { setNamedFlag } from '../../../engine/flags/flags.js'
import { setFlag as setView } from '../../../engine/flags/stages.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { movedShape, reasonInput } from '../../shapes.js'
import { changedFlagShape, flagNameInput, revisionInput, shownChange } from '../../shown-flag.js'

export const setFlag = command({
  name: 'set-flag',
  summary: 'Sets a flag on, off or to a percentage; of a view, moves the stages behind it.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'PUT', path: '/feature-flags/{name}', also: ['/flags/{name}'] },
  input: flagNameInput.extend({
    value: z
      .union([z.boolean(), z.number(), z.string()])
      .describe('true, false, a percentage, or (of migration_mode) a mode'),
    ...revisionInput.shape,
    ...reasonInput.shape,
  }),
  output: z.object({
    kind: z.enum(['set', 'refused']),
    reason: z.string().nullable(),
    moves: z.array(z.object({ collection: z.string(), result: movedShape })).describe('Of a view'),
    flag: changedFlagShape.nullable().describe('Of a named flag'),
  }),
  run: async ({ engine }: CommandContext, { name, value, reason, revision }, caller) => {
    const mover = { by: caller.name, reason }
    if (!isViewName(name)) {
      const changed = await setNamedFlag(engine, name, value, mover, revision)
      const flag = shownChange(name, changed, engine.clock.now())
      return { kind: 'set' as const, reason: null, moves: [], flag }
    }
    const moves = await setView(engine, name, value, mover)
    const refused = moves.find(({ result }) => result.kind === 'refused' && result.reason !== 'already-there')
    const why = refused?.result.kind === 'refused' ? refused.result.reason : null
    return { kind: why === null ? ('set' as const) : ('refused' as const), reason: why, moves, flag: null }
  },
})
