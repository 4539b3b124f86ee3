import { putNamedFlag } from '../../../engine/flags/flags.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import {
  changedFlagShape,
  definitionOf,
  definitionShape,
  flagNameInput,
  revisionInput,
  shownChange,
} from '../../shown-flag.js'

export const putFlag = command({
  name: 'put-flag',
  summary: 'Makes a named flag, or replaces its definition from the revision that was read.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'PUT', path: '/feature-flags/{name}/definition', also: ['/flags/{name}/definition'] },
  input: flagNameInput.extend({
    definition: definitionShape,
    ...revisionInput.shape,
    ...reasonInput.shape,
  }),
  output: changedFlagShape,
  run: async ({ engine }: CommandContext, { name, definition, revision, reason }, caller) => {
    const mover = { by: caller.name, reason }
    const changed = await putNamedFlag(engine, definitionOf(name, definition), mover, revision ?? null)
    return shownChange(name, changed, engine.clock.now())
  },
})
