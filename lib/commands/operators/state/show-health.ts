import * as z from 'zod'
import { health } from '../../../engine/health.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const showHealth = command({
  name: 'show-health',
  summary: 'Whether everything is well, or the list of what is not.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/health' },
  input: z.strictObject({}),
  output: z.object({ healthy: z.boolean(), issues: z.array(z.string()) }),
  run: ({ engine }: CommandContext) => health(engine),
})
