import { keyedHash } from '../../core/experiment/keyed-hash.js'
import type { EngineContext } from '../context.js'
import { streamOfKind } from '../state/journal.js'
import { searchStream } from '../state/search.js'
import { readExperiment } from './kept.js'

export interface EventQuery {
  experiment: string
  /** As it was recorded; only its hash is kept and compared. */
  subject?: string | undefined
  cohort?: string | undefined
  kind?: string | undefined
  metric?: string | undefined
  name?: string | undefined
  round?: number | undefined
  before?: string | undefined
  limit: number
}

export interface ListedEvent {
  position: string
  at: string
  event: string
  subject: string
  round: number
  cohort: string
  kind: string
  metric: string | null
  name: string | null
  value: number | null
  control: number | null
  treatment: number | null
}

/** Newest first, a page at a time. */
export async function listEvents(
  { ledger }: Pick<EngineContext, 'ledger'>,
  query: EventQuery,
): Promise<{ items: ListedEvent[]; next: string | null }> {
  const { salt, name: experiment } = await readExperiment(ledger, query.experiment)
  const subject = query.subject === undefined ? undefined : keyedHash(salt, query.subject)
  const { cohort, kind, metric, name, round } = query
  const wanted = Object.entries({ experiment, subject, cohort, kind, metric, name, round })
  const { items, next } = await searchStream<KeptEvent>(ledger, streamOfKind('behaviour-event'), {
    before: query.before,
    limit: query.limit,
    test: (entry) => wanted.every(([member, text]) => text === undefined || entry[member] === text),
  })
  return { items: items.map(({ position, ...entry }) => listed(position, entry)), next }
}

interface KeptEvent {
  at: number
  [member: string]: unknown
}

function listed(position: string, entry: { [member: string]: unknown }): ListedEvent {
  const text = (member: string) => String(entry[member] ?? '')
  const orNull = (member: string) => (entry[member] === undefined ? null : entry[member])
  return {
    position,
    at: new Date(Number(entry.at)).toISOString(),
    event: text('event'),
    subject: text('subject'),
    round: Number(entry.round),
    cohort: text('cohort'),
    kind: text('kind'),
    metric: orNull('metric') as string | null,
    name: orNull('name') as string | null,
    value: orNull('value') as number | null,
    control: orNull('control') as number | null,
    treatment: orNull('treatment') as number | null,
  }
}
