import { killFlag as killNamed } from '../../../engine/flags/flags.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { changedFlagShape, flagNameInput, shownChange } from '../../shown-flag.js'

export const killFlag = command({
  name: 'kill-flag',
  summary: 'Gives everybody the fallback at once, over everything else, until the kill is lifted.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/feature-flags/{name}/kill', also: ['/flags/{name}/kill'] },
  input: flagNameInput.extend(reasonInput.shape),
  output: changedFlagShape,
  run: async ({ engine }: CommandContext, { name, reason }, caller) =>
    shownChange(name, await killNamed(engine, name, { by: caller.name, reason }), engine.clock.now()),
})
