import * as z from 'zod'
import { readGroup } from '../../../engine/flags/groups.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { groupShape, shownGroup } from '../../shown-flag.js'

export const showFlagGroup = command({
  name: 'show-flag-group',
  summary: 'One named list of subjects, with its members and the revision to change it from.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/flag-groups/{name}' },
  input: z.strictObject({ name: z.string().min(1).max(100).describe('Name of the group') }),
  output: groupShape,
  run: async ({ engine }: CommandContext, { name }) => shownGroup(await readGroup(engine, name)),
})
