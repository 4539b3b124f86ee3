import * as z from 'zod'
import { listFlags as readFlags } from '../../../engine/flags/stages.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { flagShape } from '../../shapes.js'

export const listFlags = command({
  name: 'list-flags',
  summary: 'The switches by name, as a view on the stages.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/flags' },
  input: z.strictObject({}),
  output: z.array(flagShape),
  run: ({ engine }: CommandContext) => readFlags(engine),
})
