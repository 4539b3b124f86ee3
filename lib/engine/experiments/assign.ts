import { cellOf } from '../../core/experiment/allocation.js'
import type { ExperimentEvent } from '../../core/experiment/event.js'
import { BUCKETS, bucketOf, type Evaluation } from '../../core/flags/evaluate.js'
import type { Json } from '../../core/json.js'
import { SLOTS, slotOf } from '../../core/slot.js'
import type { EngineContext } from '../context.js'
import { assignCohort } from '../flags/cohorts.js'
import { readNamedFlag } from '../flags/flags.js'
import { environmentOf } from '../flags/served.js'
import { sideBySide } from '../side-by-side.js'
import type { HashedEvent } from './count.js'
import type { Experiment } from './kept.js'

/** What the caller may add for the flag's evaluation; used, and not kept. */
export interface Assigned {
  /** As the flag was evaluated with, where it has rules on attributes. */
  attributes?: { readonly [name: string]: Json } | undefined
  /** What the caller was served. One that the flag would not deal puts the subject outside. */
  variant?: string | undefined
}

/** Where a subject that is not known yet belongs. */
export interface Dealt {
  /** `null`: outside of the experiment. */
  cohort: string | null
  cell: number
}

/** The cohort of each subject by its first event in the batch. It is decided once, and kept with the subject. */
export async function assignments(
  context: EngineContext,
  experiment: Experiment,
  events: readonly (HashedEvent & Assigned)[],
): Promise<Map<string, Dealt>> {
  const firsts = new Map<string, HashedEvent & Assigned>()
  for (const event of events) if (!firsts.has(event.subjectHash)) firsts.set(event.subjectHash, event)
  const { assignment, component } = experiment
  if (assignment.by === 'path') return new Map([...firsts].map(([hash, event]) => [hash, byPath(component, event)]))
  if (firsts.size === 0) return new Map()
  const flag = await readNamedFlag(context, assignment.flag)
  const dealt = await sideBySide([...firsts], async ([hash, event]): Promise<[string, Dealt]> => {
    const attributes = event.attributes ?? {}
    const subject = { key: event.subject, attributes, environment: environmentOf(context, attributes) }
    const found = await assignCohort(context, flag, subject)
    const cell = cellOf(bucketOf(flag.salt, event.subject), BUCKETS)
    return [hash, { cohort: isDealt(experiment, event, found) ? found.variant : null, cell }]
  })
  return new Map(dealt)
}

/** Only chance makes cohorts alike: whoever got its variant by a rule, a switch or a kill does not count. */
function isDealt({ cohorts }: Experiment, { variant }: Assigned, found: Evaluation): boolean {
  const byChance = found.because === 'rolled-out' || found.because === 'left-out' || found.because === 'kept'
  const asServed = variant === undefined || variant === found.variant
  return found.rule === null && byChance && asServed && cohorts.some(({ name }) => name === found.variant)
}

function byPath(component: string, { path, subject }: ExperimentEvent): Dealt {
  return { cohort: path ?? null, cell: cellOf(slotOf(component, subject), SLOTS) }
}
