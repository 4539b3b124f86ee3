import * as z from 'zod'
import { listNamedFlags } from '../../../engine/flags/flags.js'
import { listFlags as listViews } from '../../../engine/flags/stages.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { listedFlagShape, shownFlag, shownView } from '../../shown-flag.js'

export const listFlags = command({
  name: 'list-flags',
  summary: 'Every flag by name: the views on the stages, then the named flags.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/feature-flags', also: ['/flags'] },
  input: z.strictObject({}),
  output: z.array(listedFlagShape),
  run: async ({ engine }: CommandContext) => {
    const named = await listNamedFlags(engine)
    const now = engine.clock.now()
    return [...(await listViews(engine)).map(shownView), ...named.map((flag) => shownFlag(flag, now))]
  },
})
