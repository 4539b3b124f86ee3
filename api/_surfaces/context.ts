import type { CommandContext } from '../../lib/commands/context.js'
import { checkRecord } from '../../lib/commands/records/check.js'
import { schemasOf } from '../../lib/define.js'
import { originOf } from '../../lib/http/log.js'
import type { Wired } from '../../lib/wire.js'

/** What a verb works with. Whoever needs one verb takes it from here, and loads none of the others. */
export async function commandContext(wired: Wired, purpose: 'moving' | 'looking' = 'moving'): Promise<CommandContext> {
  const schemas = await schemasOf(wired.migration)
  return {
    engine: await wired.control(purpose),
    checkRecord: (collection, id, value) => checkRecord(schemas, collection, id, value),
    fault: (where, error) => wired.log.error('answered-around-a-fault', { where, ...originOf(error) }),
  }
}
