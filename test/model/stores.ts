import { slotState } from '../../lib/core/fence.js'
import { LATENESS_MAX_MS } from '../../lib/core/operation.js'
import { readsTarget } from '../../lib/core/stage.js'
import { documentSource } from '../../lib/drivers/stores/documents/source.js'
import { type Data, emptyData, frozen } from '../../lib/drivers/stores/memory/data.js'
import { memoryPartition } from '../../lib/drivers/stores/memory/partition.js'
import { memoryPlain } from '../../lib/drivers/stores/memory/plain.js'
import type { Clock } from '../../lib/ports/clock.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { Source, Target } from '../../lib/ports/store.js'
import type { Request } from './requests.js'

export const COLLECTION = 'projects'

/** Wall-clock time at which everything starts, and how far one jump of the stores' clocks goes. */
export const START = 1_750_000_000_000
export const JUMP_MS = LATENESS_MAX_MS + 1

/**
 * The states of one store, numbered, and what requests do to them. The product's drivers do it: the source is its
 * document's text, the target the memory driver's data. Each pair of state and request is tried once.
 */
export interface StoreStates {
  /** The number of the state after the request, and of the answer; a promise where it has to be tried first. */
  after(state: number, time: number, request: Request, requestNumber: number): Outcome | Promise<Outcome>
  readonly size: number
}

export interface Outcome {
  state: number
  answer: unknown
  /** Number of the answer among all answers of the store. */
  answerNumber: number
  /** Epoch of the store's fence afterwards. */
  epoch: number
}

export interface SourceStates extends StoreStates {
  /** Whether the target may be set back there: in live and beyond it answers alone, and loss is loss. */
  survivesLoss(state: number): boolean
  numberOf(text: string | null): number
  /** The store in that state, to be looked at. */
  open(state: number): Source
}

export interface TargetStates extends StoreStates {
  readonly empty: number
  open(state: number): Target
}

export function sourceStates(): SourceStates {
  const texts = numbered<string | null>((text) => text ?? '')
  const surviving = new Set<number>()
  const open = (
    state: number,
    time: number,
  ): { source: Source; documents: DocumentStore; text: () => string | null } => {
    const { store, text } = oneDocument(texts)(state)
    const clock = standingClock(time)
    const options = { documents: store, name: 'document', collection: COLLECTION, clock, shape: 'map' as const }
    return { source: documentSource(options), documents: store, text }
  }
  const act = async (state: number, time: number, request: Request): Promise<Done> => {
    const { source, documents, text } = open(state, time)
    const answer = await request.run({ source, documents, target: none(), plain: none() })
    const { fence } = await source.control()
    const after = texts.numberOf(text())
    if (!readsTarget(slotState(fence, 0).stage)) surviving.add(after)
    return { answer, epoch: fence.epoch, state: after }
  }
  return {
    numberOf: texts.numberOf,
    open: (state) => open(state, 0).source,
    survivesLoss: (state) => surviving.has(state),
    after: remembering(act),
    get size() {
      return texts.size
    },
  }
}

export function targetStates(): TargetStates {
  const states = numbered<Data>(keyOf)
  const open = (data: Data, time: number): Target => {
    const clock = standingClock(time)
    return memoryPartition({ data, collection: COLLECTION, number: 0, clock, latenessMs: LATENESS_MAX_MS })
  }
  const act = async (state: number, time: number, request: Request): Promise<Done> => {
    const data = structuredClone(states.at(state))
    const target = open(data, time)
    const answer = await request.run({ source: none(), documents: none(), target, plain: memoryPlain(data) })
    return { answer, epoch: (await target.control()).fence?.epoch ?? 0, state: states.numberOf(data) }
  }
  return {
    empty: states.numberOf(emptyData()),
    open: (state) => open(states.at(state), 0),
    after: remembering(act),
    get size() {
      return states.size
    },
  }
}

type Done = Omit<Outcome, 'answerNumber'>

function remembering(act: (state: number, time: number, request: Request) => Promise<Done>): StoreStates['after'] {
  const known = new Map<number, Outcome>()
  const answers = numbered<unknown>((answer) => JSON.stringify(answer) ?? '')
  return (state, time, request, requestNumber) => {
    // Below 2^53: 2^24 states, 2^24 requests, 2^4 moments.
    const key = (state * 2 ** 24 + requestNumber) * 16 + time
    const found = known.get(key)
    if (found !== undefined) return found
    return act(state, time, request).then((done) => {
      // Many processes are given the same answer: none may write into it.
      const outcome = { ...done, answer: frozen(done.answer), answerNumber: answers.numberOf(done.answer) }
      known.set(key, outcome)
      return outcome
    })
  }
}

export interface Numbered<T> {
  numberOf(one: T): number
  at(number: number): T
  readonly size: number
}

export function numbered<T>(keyOf: (one: T) => string): Numbered<T> {
  const all: T[] = []
  const numbers = new Map<string, number>()
  return {
    numberOf(one) {
      const key = keyOf(one)
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, all.length)
      all.push(one)
      return all.length - 1
    },
    at(number) {
      if (number >= all.length) throw new Error(`There is no state ${number}.`)
      return all[number] as T
    },
    get size() {
      return all.length
    },
  }
}

function keyOf({ values, metas, operations, open, heartbeats, checks, fences, ...rest }: Data): string {
  const nothing: Record<string, never> = rest // two states that differ in a part left out would be taken for one
  if (Object.keys(nothing).length > 0) throw new Error('The target holds more than its key tells.')
  const sorted = (map: ReadonlyMap<unknown, unknown>): unknown[] =>
    [...map].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  const opened = sorted(open).map((entry) => JSON.stringify([...((entry as [number, Set<string>])[1] ?? [])].sort()))
  return JSON.stringify([
    sorted(values),
    sorted(metas),
    sorted(operations),
    opened,
    sorted(heartbeats),
    sorted(checks),
    sorted(fences),
  ])
}

/** A document store with one document, whose ETag is the number of its text: no text ever comes back. */
function oneDocument({ numberOf, at }: Numbered<string | null>) {
  return (state: number): { store: DocumentStore; text: () => string | null } => {
    let text = at(state)
    const etag = (): string => String(numberOf(text))
    const store: DocumentStore = {
      label: 'model',
      get: async (_name, known) => (text === null ? null : etag() === known ? 'unchanged' : { etag: etag(), text }),
      async put(_name, next, { ifMatch }) {
        if (ifMatch !== (text === null ? null : etag())) return { kind: 'conflict' }
        text = next
        return { kind: 'stored', etag: etag() }
      },
      remove: async () => ({ kind: 'conflict' }),
      list: async () => [],
    }
    return { store, text: () => text }
  }
}

/** Time stands still within a request; between requests it may jump. */
export function standingClock(time: number): Clock {
  return {
    now: () => START + time * JUMP_MS,
    monotonic: () => 0,
    sleep: async () => {},
    random: () => 0.5,
    id: () => 'model',
  }
}

/** A request to one store has no business with the other. */
function none(): never {
  return null as never
}
