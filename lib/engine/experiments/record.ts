import { CutoverError } from '../../core/error.js'
import { noCounts } from '../../core/experiment/counts.js'
import { BATCH_EVENTS_MAX, type ExperimentEvent, faultOfEvent } from '../../core/experiment/event.js'
import { keyedHash } from '../../core/experiment/keyed-hash.js'
import type { Json } from '../../core/json.js'
import type { Entry, Revised } from '../../ports/ledger.js'
import type { EngineContext } from '../context.js'
import { sideBySide } from '../side-by-side.js'
import { stateEntry } from '../state/journal.js'
import { type Assigned, assignments } from './assign.js'
import { type Counted, countBatch, type HashedEvent, type Outcome, type Shard } from './count.js'
import { type Experiment, readExperiment, SHARDS, type Subject, subjectsPrefix, sumsPrefix } from './kept.js'

/**
 * Takes in what subjects did: counts it, and enters it, in one commit.
 *
 * Exactly once: which events of a subject have counted is in the subject's document, which is moved on in the same
 * commit as the counts. A batch that is sent again, by anybody, at any time, from any number of instances at once, finds
 * them there. A ledger that does not answer may have committed; the batch is sent again. Sums are sharded, so that two
 * batches seldom want the same document; those that do, or that have a subject in common, try again on what they find.
 *
 * It costs, for s subjects in the batch, s + 3 reads (side by side) and one commit of s + 1 documents and as many entries
 * as events; and a document for each subject until some time after the experiment is stopped. It is made for hundreds of
 * events a second, not for every operation of a store: of those, record a sample.
 *
 * What is bounded: events in a batch, events of a subject (`over-limit` beyond, so that no single one outweighs the rest),
 * subjects of a round. Subjects and ids of events are kept as keyed hashes alone.
 */
export async function recordEvents(
  context: EngineContext,
  name: string,
  events: readonly (ExperimentEvent & Assigned)[],
): Promise<Recorded> {
  if (events.length > BATCH_EVENTS_MAX)
    throw new CutoverError('too-large', `A batch holds at most ${BATCH_EVENTS_MAX} events. Send several.`)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (attempt > 0) await context.clock.sleep(Math.ceil(context.clock.random() * WAIT_MS * 2 ** attempt))
    const experiment = await readExperiment(context.ledger, name)
    if (experiment.status !== 'running') return { kind: 'refused', reason: 'not-running' }
    checkEvents(events, experiment)
    const hashed = events.map((event): HashedEvent & Assigned => {
      return { ...event, subjectHash: keyedHash(experiment.salt, event.subject), idHash: idHash(experiment, event) }
    })
    const outcomes = await attemptOnce(context, experiment, hashed)
    if (outcomes !== null) return { kind: 'recorded', ...tally(outcomes), outcomes }
  }
  throw new CutoverError('contended', `Too many batches of the experiment ${name} come at once. Send it again.`)
}

export type Recorded =
  | {
      kind: 'recorded'
      counted: number
      repeated: number
      outside: number
      crossed: number
      overLimit: number
      outcomes: Outcome[]
    }
  | { kind: 'refused'; reason: 'not-running' }

const ATTEMPTS_MAX = 10
const WAIT_MS = 5

async function attemptOnce(
  context: EngineContext,
  experiment: Experiment,
  events: readonly (HashedEvent & Assigned)[],
): Promise<Outcome[] | null> {
  const { ledger, clock } = context
  const hashes = [...new Set(events.map(({ subjectHash }) => subjectHash))]
  const prefix = subjectsPrefix(experiment)
  const held = await sideBySide(hashes, (hash) => ledger.read(prefix + hash))
  const known = new Map<string, Subject>()
  const revisions = new Map<string, number>()
  hashes.forEach((hash, at) => {
    const found: Revised | null = held[at] ?? null
    if (found === null) return
    known.set(hash, found.value as unknown as Subject)
    revisions.set(hash, found.revision)
  })
  const dealt = await assignments(
    context,
    experiment,
    events.filter(({ subjectHash }) => !known.has(subjectHash)),
  )
  const shardKey = `${sumsPrefix(experiment)}${Math.floor(clock.random() * SHARDS)}`
  const shard = await ledger.read(shardKey)
  const before = (shard?.value ?? noCounts()) as unknown as Shard
  const batch = countBatch(experiment, events, known, dealt, before)
  if (batch.changed.size === 0) return batch.outcomes
  const changes = [...batch.changed].map(([hash, subject]) => {
    return { key: prefix + hash, ifRevision: revisions.get(hash) ?? null, value: subject as unknown as Json }
  })
  changes.push({ key: shardKey, ifRevision: shard?.revision ?? null, value: batch.counts as unknown as Json })
  const answer = await ledger.commit(changes, entriesOf(experiment, batch.counted, batch.joined, clock.now()))
  return answer.kind === 'committed' ? batch.outcomes : null
}

function entriesOf(
  experiment: Experiment,
  counted: readonly Counted[],
  joined: { [cohort: string]: string[] },
  now: number,
): Entry[] {
  const { component, name, round } = experiment
  const about = { component, experiment: name, round }
  const did = counted.map(({ event, cohort }) => {
    const { subjectHash, idHash: id, kind, subject, path, at, ...rest } = event
    const what = { metric: 'metric' in rest ? rest.metric : null, name: 'name' in rest ? rest.name : null }
    const value = 'value' in rest ? rest.value : undefined
    const pair = 'control' in rest ? { control: rest.control, treatment: rest.treatment } : {}
    const numbers = value === undefined ? pair : { value }
    return stateEntry('behaviour-event', {
      at: at ?? now,
      ...about,
      event: id,
      subject: subjectHash,
      cohort,
      kind,
      ...what,
      ...numbers,
    })
  })
  if (Object.keys(joined).length === 0) return did
  return [...did, stateEntry('experiment-cohort', { at: now, ...about, what: 'joined', joined })]
}

/** An id is of its subject: two subjects may have used the same one. */
function idHash({ salt }: Experiment, { subject, id }: ExperimentEvent): string {
  return keyedHash(salt, `${JSON.stringify(subject)}\n${id}`).slice(0, ID_DIGITS)
}

/** 64 bits: of the few hundred events of one subject, no two will ever meet. */
const ID_DIGITS = 16

function checkEvents(events: readonly ExperimentEvent[], experiment: Experiment): void {
  const faults = events.flatMap((event, at) => {
    const fault = faultOfEvent(event, experiment)
    return fault === null ? [] : [`Event ${at}: ${fault}`]
  })
  if (faults.length === 0) return
  const some = faults.slice(0, FAULTS_MAX)
  throw new CutoverError('invalid-input', `Nothing of the batch was recorded. ${some.join(' ')}`, {
    details: { faults: some },
  })
}

const FAULTS_MAX = 10

function tally(outcomes: readonly Outcome[]) {
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length
  return {
    counted: count('counted'),
    repeated: count('repeated'),
    outside: count('outside'),
    crossed: count('crossed'),
    overLimit: count('over-limit'),
  }
}
