import * as z from 'zod'
import { CutoverError } from '../../../core/error.js'
import { listFlags } from '../../../engine/flags/stages.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { flagShape } from '../../shapes.js'

export const showFlag = command({
  name: 'show-flag',
  summary: 'One switch by name.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/flags/{name}' },
  input: z.strictObject({ name: z.string().min(1) }),
  output: flagShape,
  run: async ({ engine }: CommandContext, { name }) => {
    const flag = (await listFlags(engine)).find((candidate) => candidate.name === name)
    if (flag === undefined) throw new CutoverError('not-found', `There is no flag ${JSON.stringify(name)}.`)
    return flag
  },
})
