import { faultOfId } from '../id.js'
import type { ExperimentDefinition, Metric } from './experiment.js'

/** Something that a subject did or met. The first event of a subject, of whatever kind, makes it one of the experiment. */
export type ExperimentEvent = {
  /** Chosen by the caller: the same id of the same subject counts once, however often it is sent. */
  id: string
  /** Whom the cohort is dealt to: a user, a session; for a collection, the record (or its bucket key). */
  subject: string
  /** Wall-clock milliseconds at the caller; told, never reckoned with. */
  at?: number | undefined
  /** Which path served; needed where the path assigns the cohort. */
  path?: string | undefined
} & What

type What =
  /** It met what is tried. Everybody who could have converted must be told of, or shares of them mean nothing. */
  | { kind: 'exposure' }
  | { kind: 'value'; metric: string; value: number }
  /** Of a metric of kind conversion or count. */
  | { kind: 'happened'; metric: string }
  /** One request that met both paths. */
  | { kind: 'pair'; metric: string; control: number; treatment: number }
  /** Anything else; kept and listed, not reckoned with. */
  | { kind: 'behaviour'; name: string; value?: number | undefined }

export const VALUE_MAX = 1e12
export const SUBJECT_CHARS_MAX = 256
export const BATCH_EVENTS_MAX = 100

/** What is wrong with an event of this experiment, as a sentence without its values; `null`: nothing. */
export function faultOfEvent(event: ExperimentEvent, definition: ExperimentDefinition): string | null {
  const { id, subject, at, path } = event
  if (faultOfId(id) !== null) return `Its id ${faultOfId(id)}.`
  if (subject.length < 1 || subject.length > SUBJECT_CHARS_MAX || !subject.isWellFormed())
    return `Its subject is not a text of 1 to ${SUBJECT_CHARS_MAX} characters.`
  if (at !== undefined && !(Number.isSafeInteger(at) && at >= 0 && at <= AT_MAX))
    return 'Its time is not in milliseconds.'
  if (definition.assignment.by === 'path' && !definition.cohorts.some(({ name }) => name === path))
    return 'Its path is none of the cohorts, and the path assigns them.'
  if (event.kind === 'exposure') return null
  if (event.kind === 'behaviour') return isValue(event.value ?? 0) ? null : NOT_A_VALUE
  const metric = definition.metrics.find(({ name }) => name === event.metric)
  if (metric === undefined) return 'Its metric is none of the experiment.'
  if (!KINDS[event.kind].includes(metric.kind)) return `Its kind is not that of a metric of kind ${metric.kind}.`
  const values = event.kind === 'value' ? [event.value] : event.kind === 'pair' ? [event.control, event.treatment] : []
  return values.every(isValue) ? null : NOT_A_VALUE
}

/** The last millisecond that has a date. */
const AT_MAX = 8.64e15
const NOT_A_VALUE = `Its value is not a number from -${VALUE_MAX} to ${VALUE_MAX}.`
const KINDS: { readonly [kind in 'value' | 'happened' | 'pair']: readonly Metric['kind'][] } = {
  value: ['value'],
  happened: ['count', 'conversion'],
  pair: ['paired'],
}

function isValue(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) <= VALUE_MAX
}
