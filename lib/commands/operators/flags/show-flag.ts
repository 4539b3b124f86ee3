import { isViewName } from '../../../core/flags/definition.js'
import { noSuchFlag, readNamedFlag } from '../../../engine/flags/flags.js'
import { listFlags } from '../../../engine/flags/stages.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { flagNameInput, listedFlagShape, shownFlag, shownView } from '../../shown-flag.js'

export const showFlag = command({
  name: 'show-flag',
  summary: 'One flag by name, with its definition and the revision to change it from.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/feature-flags/{name}', also: ['/flags/{name}'] },
  input: flagNameInput,
  output: listedFlagShape,
  run: async ({ engine }: CommandContext, { name }) => {
    if (!isViewName(name)) return shownFlag(await readNamedFlag(engine, name), engine.clock.now())
    const view = (await listFlags(engine)).find((candidate) => candidate.name === name)
    if (view === undefined) throw noSuchFlag(name)
    return shownView(view)
  },
})
