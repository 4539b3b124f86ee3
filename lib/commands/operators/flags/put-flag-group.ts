import * as z from 'zod'
import { KEY_CHARS_MAX, MEMBERS_MAX } from '../../../core/flags/check.js'
import { putGroup } from '../../../engine/flags/groups.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { groupShape, revisionInput, shownGroup } from '../../shown-flag.js'

export const putFlagGroup = command({
  name: 'put-flag-group',
  summary: 'Makes a named list of subjects, or replaces it from the revision that was read.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'PUT', path: '/flag-groups/{name}' },
  input: z.strictObject({
    name: z.string().min(1).max(100).describe('Name of the group'),
    members: z.array(z.string().min(1).max(KEY_CHARS_MAX)).max(MEMBERS_MAX).describe('Targeting keys'),
    description: z.string().max(1_000).default(''),
    ...revisionInput.shape,
    ...reasonInput.shape,
  }),
  output: groupShape,
  run: async ({ engine }: CommandContext, { revision, reason, ...group }, caller) =>
    shownGroup(await putGroup(engine, group, { by: caller.name, reason }, revision ?? null)),
})
