import type { PlanStep } from '../plan/plan.js'
import { stageIndex } from '../stage.js'

/** Something that the plan could not take back, or not at once, with the reason in a sentence. */
export interface NoWayBack {
  kind: 'never' | 'not-at-once' | 'not-moved'
  what: string
  collection: string | null
  reason: string
}

/** Of the steps: what is given up for good, and from where on the way back takes a pass first. */
export function noWayBackOfSteps(steps: readonly PlanStep[]): NoWayBack[] {
  return steps.flatMap(({ name, action, rollback }): NoWayBack[] => {
    const what = `step ${name}`
    if (action.kind === 'clean-up') return [{ kind: 'never', what, collection: null, reason: CLEANED_UP }]
    if (action.kind === 'move' && stageIndex(action.to) >= stageIndex('rampdown')) {
      const reason = action.to === 'complete' ? IN_COMPLETE : IN_RAMPDOWN
      return [{ kind: 'not-at-once', what, collection: null, reason }]
    }
    const gone = rollback === null && action.kind !== 'none'
    return gone ? [{ kind: 'never', what, collection: null, reason: `The plan names no way back from ${name}.` }] : []
  })
}

const CLEANED_UP =
  'Versions, tombstones and the fence of the target are removed: no stage can be taken back from then on. An export made before, or at any time later, can be restored into the collection.'
export const IN_RAMPDOWN =
  'Writes are acknowledged by the target alone. Back to live is one call; reads from the source need a complete back-fill first.'
export const IN_COMPLETE =
  'The source gets no more writes. Back to rampdown is one call; reads from the source need a complete back-fill first, over all that was written since.'

/** What one command to the database may be, in bytes; a record must fit into one with its keys, both ways. */
export const COMMAND_BYTES_MAX = 10 * 1024 * 1024
/** A key of the database, in bytes. */
export const KEY_BYTES_MAX = 32 * 1024
/** Of a script's call or an answer, beside the record. */
const COMMAND_MARGIN_BYTES = 4_096

/** Why the target would refuse a record; `null` if it takes it. Sizes in UTF-8 bytes. */
export function refusedByTarget(collection: string, idBytes: number, valueBytes: number): string | null {
  const command = valueBytes + 3 * idBytes + 2 * collection.length + COMMAND_MARGIN_BYTES
  if (command > COMMAND_BYTES_MAX)
    return `It has ${valueBytes} bytes; the database takes commands of ${COMMAND_BYTES_MAX} bytes at most. It would be set aside, and no stage from live on could be reached.`
  const key = idBytes + collection.length + COMMAND_KEY_BYTES
  if (key > KEY_BYTES_MAX) return `Its key would have ${key} bytes; the database takes ${KEY_BYTES_MAX} at most.`
  return null
}

/** `cutover:m:` and a colon. */
const COMMAND_KEY_BYTES = 11
