import { type CohortCounts, type Counts, countEvent, NO_METRIC, NOBODY } from '../../core/experiment/counts.js'
import type { ExperimentEvent } from '../../core/experiment/event.js'
import { SUBJECTS_MAX } from '../../core/experiment/experiment.js'
import type { Dealt } from './assign.js'
import { type Experiment, SHARDS, type Subject } from './kept.js'

export type HashedEvent = ExperimentEvent & { subjectHash: string; idHash: string }

export type Outcome =
  | 'counted'
  | 'repeated' // it had counted before
  | 'outside' // the subject is of no cohort
  | 'crossed' // served by the other path than the subject's first event
  | 'over-limit' // too many events of the subject, or too many subjects

/** The counts of one shard. */
export type Shard = Counts

export interface Counted {
  event: HashedEvent
  cohort: string
}

interface Batch {
  outcomes: Outcome[]
  /** Subjects that are to be kept anew, by their hashes. */
  changed: Map<string, Subject>
  counts: Shard
  counted: Counted[]
  /** Hashes of new subjects by cohort. */
  joined: { [cohort: string]: string[] }
}

export const SUBJECT_EVENTS_MAX = 200

/** What a batch makes of subjects and of one shard's counts. Pure: a second attempt begins with what it then finds. */
export function countBatch(
  experiment: Experiment,
  events: readonly HashedEvent[],
  known: ReadonlyMap<string, Subject>,
  dealt: ReadonlyMap<string, Dealt>,
  shard: Shard,
): Batch {
  const batch: Batch = { outcomes: [], changed: new Map(), counts: structuredClone(shard), counted: [], joined: {} }
  for (const event of events) {
    const hash = event.subjectHash
    const subject = batch.changed.get(hash) ?? known.get(hash) ?? join(batch, hash, dealt.get(hash))
    batch.outcomes.push(subject === null ? 'over-limit' : take(batch, experiment, event, subject))
  }
  return batch
}

function join(batch: Batch, hash: string, dealt: Dealt | undefined): Subject | null {
  const { counts } = batch
  const subjects = Object.values(counts.cohorts).reduce((sum, cohort) => sum + cohort.subjects, counts.outside)
  if (dealt === undefined || subjects >= SUBJECTS_MAX / SHARDS) return null
  const { cohort, cell } = dealt
  const subject: Subject = { cohort, seen: [], metrics: {} }
  batch.changed.set(hash, subject)
  if (cohort === null) {
    counts.outside += 1
    return subject
  }
  const held = cohortOf(counts, cohort)
  held.subjects += 1
  counts.cells[cell] = (counts.cells[cell] ?? 0) + 1
  batch.joined[cohort] = [...(batch.joined[cohort] ?? []), hash]
  return subject
}

function take(batch: Batch, experiment: Experiment, event: HashedEvent, before: Subject): Outcome {
  const { cohort } = before
  if (cohort === null) return 'outside'
  if (before.seen.includes(event.idHash)) return 'repeated'
  if (before.seen.length >= SUBJECT_EVENTS_MAX) return 'over-limit'
  const subject: Subject = { ...before, seen: [...before.seen, event.idHash] }
  batch.changed.set(event.subjectHash, subject)
  if (experiment.assignment.by === 'path' && event.path !== cohort) {
    batch.counts.crossed += 1
    return 'crossed'
  }
  batch.counted.push({ event, cohort })
  const metric = 'metric' in event ? experiment.metrics.find(({ name }) => name === event.metric) : undefined
  if (metric === undefined) return 'counted'
  const { metrics } = cohortOf(batch.counts, cohort)
  const { counts, after } = countEvent(metrics[metric.name] ?? NO_METRIC, before.metrics[metric.name], event, metric)
  metrics[metric.name] = counts
  subject.metrics = { ...before.metrics, [metric.name]: after }
  return 'counted'
}

function cohortOf(counts: Shard, name: string): CohortCounts {
  const held = counts.cohorts[name] ?? { ...NOBODY, metrics: {} }
  counts.cohorts[name] = held
  return held
}
