import { reviveFlag as reviveNamed } from '../../../engine/flags/flags.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { changedFlagShape, flagNameInput, shownChange } from '../../shown-flag.js'

export const reviveFlag = command({
  name: 'revive-flag',
  summary: 'Lifts a kill: what the flag says otherwise is in effect again.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/feature-flags/{name}/revive', also: ['/flags/{name}/revive'] },
  input: flagNameInput.extend(reasonInput.shape),
  output: changedFlagShape,
  run: async ({ engine }: CommandContext, { name, reason }, caller) =>
    shownChange(name, await reviveNamed(engine, name, { by: caller.name, reason }), engine.clock.now()),
})
