import { deleteFlag as deleteNamed } from '../../../engine/flags/flags.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { changedFlagShape, flagNameInput, revisionInput, shownChange } from '../../shown-flag.js'

export const deleteFlag = command({
  name: 'delete-flag',
  summary: 'Deletes a named flag with what its subjects were dealt; callers then get their own fallback.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'DELETE', path: '/feature-flags/{name}', also: ['/flags/{name}'] },
  input: flagNameInput.extend({ ...revisionInput.shape, ...reasonInput.shape }),
  output: changedFlagShape,
  run: async ({ engine }: CommandContext, { name, revision, reason }, caller) =>
    shownChange(name, await deleteNamed(engine, name, { by: caller.name, reason }, revision), engine.clock.now()),
})
