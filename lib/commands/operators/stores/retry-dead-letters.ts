import * as z from 'zod'
import { letterByLetter } from '../../../engine/runs/letters.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { letterFilter, manyShape } from './find-dead-letters.js'

export const retryDeadLetters = command({
  name: 'retry-dead-letters',
  summary:
    'Tries all records again that were set aside and match, a page of them at a time; a dry run only lists them.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/dead-letters/retry' },
  input: letterFilter.extend({ ...reasonInput.shape, dryRun: z.boolean().default(false) }),
  output: manyShape,
  run: ({ engine }: CommandContext, { after, limit, dryRun, reason, ...filter }, caller) =>
    letterByLetter(engine, { verb: 'retry', filter, after: after ?? null, limit, dryRun }, { by: caller.name, reason }),
})
