import * as z from 'zod'
import { listGroups } from '../../../engine/flags/groups.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { groupShape, shownGroup } from '../../shown-flag.js'

export const listFlagGroups = command({
  name: 'list-flag-groups',
  summary: 'The named lists of subjects that rules of flags speak of, each with its size.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/flag-groups' },
  input: z.strictObject({}),
  output: z.array(groupShape.omit({ members: true }).extend({ size: z.number().int() })),
  run: async ({ engine }: CommandContext) =>
    (await listGroups(engine)).map((group) => {
      const { members, ...rest } = shownGroup(group)
      return { ...rest, size: members.length }
    }),
})
