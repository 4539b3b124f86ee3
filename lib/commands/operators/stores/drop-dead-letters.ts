import * as z from 'zod'
import { letterByLetter } from '../../../engine/runs/letters.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { letterFilter, manyShape } from './find-dead-letters.js'

export const dropDeadLetters = command({
  name: 'drop-dead-letters',
  summary:
    'Takes all records that match off the list of those set aside, a page of them at a time; a dry run only lists them.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/dead-letters/drop' },
  input: letterFilter.extend({ ...reasonInput.shape, dryRun: z.boolean().default(false) }),
  output: manyShape,
  run: ({ engine }: CommandContext, { after, limit, dryRun, reason, ...filter }, caller) =>
    letterByLetter(engine, { verb: 'drop', filter, after: after ?? null, limit, dryRun }, { by: caller.name, reason }),
})
