import { CutoverError } from '../../core/error.js'
import { effectivePercent } from '../../core/flags/schedule.js'
import type { Json } from '../../core/json.js'
import { auditEntry } from '../audit.js'
import { listComponents } from '../components.js'
import type { Mover } from '../stages/move.js'
import { stateEntry } from '../state/journal.js'
import { type FlagContext, nextIndex, standBack } from './change.js'
import { FLAG, FLAGS_MAX, INDEX, type KeptFlag, readAll } from './kept.js'

/**
 * Kills every named flag, many in each commit; the stages of collections are not touched. Answers those that this call
 * has killed. It looks again until none is left alive, so that what is changed or made meanwhile is killed too. Where
 * the ledger fails it throws with some of them killed; called again it kills the rest.
 */
export async function killAllFlags(context: FlagContext, mover: Mover): Promise<string[]> {
  const killed: string[] = []
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const index = await context.ledger.read(INDEX)
    const alive = await livingFlags(context)
    if (alive.length === 0) return killed
    const some = alive.slice(0, AT_ONCE)
    const at = context.clock.now()
    const kill = { at, ...mover }
    const changes = some.map(({ revision, flag }) => {
      const value = { ...flag, killed: kill, changedAt: at, changedBy: mover.by, reason: mover.reason }
      return { key: FLAG + flag.name, ifRevision: revision, value: value as unknown as Json }
    })
    const flags = some.map(({ flag }) => flag)
    const entries = [...flags.map((flag) => audited(flag, at, mover)), ...(await moved(context, flags, at, mover))]
    const answer = await context.ledger.commit([...changes, nextIndex(index, at, 0)], entries.slice(0, ENTRIES_MAX))
    if (answer.kind === 'committed') killed.push(...flags.map(({ name }) => name))
    else await standBack(context.clock, Math.min(turn, 4))
  }
  throw new CutoverError('contended', 'The flags are changed by too many at once. Try again.')
}

/** Those that a kill of all would kill. */
export async function livingFlags({
  ledger,
}: Pick<FlagContext, 'ledger'>): Promise<{ revision: number; flag: KeptFlag }[]> {
  return (await readAll(ledger, FLAG, FLAGS_MAX)).flatMap(({ revision, value }) => {
    const flag = value as unknown as KeptFlag
    return flag.killed === null ? [{ revision, flag }] : []
  })
}

const AT_ONCE = 50
const TURNS_MAX = FLAGS_MAX / AT_ONCE + 20
const ENTRIES_MAX = 200

function audited({ name }: KeptFlag, at: number, mover: Mover) {
  const [before, after] = [
    { flag: name, killed: null },
    { flag: name, killed: { at, ...mover } },
  ]
  return auditEntry({ at, ...mover, action: 'kill-all-flags', collection: null, before, after })
}

async function moved(context: FlagContext, flags: KeptFlag[], at: number, { by, reason }: Mover) {
  const components = await listComponents(context)
  return flags.flatMap((flag) => {
    const from = effectivePercent(flag, at)
    const switched = components.filter((one) => one.kind === 'flag' && one.flag === flag.name)
    return from === 0
      ? []
      : switched.map(({ name }) =>
          stateEntry('component', { at, component: name, what: 'rollout', flag: flag.name, from, to: 0, by, reason }),
        )
  })
}
