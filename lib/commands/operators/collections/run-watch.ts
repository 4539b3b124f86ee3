import * as z from 'zod'
import { watch } from '../../../engine/watch.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const runWatch = command({
  name: 'run-watch',
  summary: 'Does now what the cron does: finish decisions, send stalled work again, look after stores.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/watch' },
  input: z.strictObject({}),
  output: z.object({ republished: z.array(z.string()), collections: z.record(z.string(), z.string()) }),
  run: ({ engine }: CommandContext) => watch(engine),
})
