import * as z from 'zod'
import { deleteGroup } from '../../../engine/flags/groups.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { revisionInput } from '../../shown-flag.js'

export const deleteFlagGroup = command({
  name: 'delete-flag-group',
  summary: 'Deletes a named list of subjects that no rule speaks of.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'DELETE', path: '/flag-groups/{name}' },
  input: z.strictObject({
    name: z.string().min(1).max(100).describe('Name of the group'),
    ...revisionInput.shape,
    ...reasonInput.shape,
  }),
  output: z.object({ name: z.string(), deleted: z.literal(true) }),
  run: async ({ engine }: CommandContext, { name, revision, reason }, caller) => {
    await deleteGroup(engine, name, { by: caller.name, reason }, revision)
    return { name, deleted: true as const }
  },
})
