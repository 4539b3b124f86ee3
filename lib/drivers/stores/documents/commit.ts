import { CutoverError } from '../../../core/error.js'
import { backOff } from '../../../core/failing/back-off.js'
import { CONTENDED } from '../../../core/failing/not-sent.js'
import type { Clock } from '../../../ports/clock.js'
import type { DocumentStore } from '../../../ports/document.js'
import { type DocumentOptions, emptyDocument, parseDocument, renderDocument, type SourceDocument } from './document.js'
import type { Shelf } from './shelf.js'

/**
 * One document, read fresh and written by compare-and-swap, with the writes of one moment committed together.
 *
 * Every answer is given on a state that was the document's state at some moment between question and answer: either
 * the put that carried the batch succeeded (so nobody had changed it), or a read confirmed it. A put whose outcome is
 * not known throws to all of its batch; the changes of `Mutation`s are made so that sending one again does no harm.
 */
export interface Committer {
  /** The document as it is now. Callers must not change it. */
  read(): Promise<SourceDocument>
  /** Fetches ahead of a write that will come. */
  prefetch(): void
  /** Runs `mutation` on the document and stores the result; it runs again if somebody else was faster. */
  commit<T>(mutation: Mutation<T>): Promise<T>
}

/** Changes `draft` and says so, or leaves it alone; pure but for that. */
type Mutation<T> = (draft: Draft) => T

export interface Draft {
  readonly document: SourceDocument
  /** Set by a mutation that has changed the document. */
  changed: boolean
}

/** Puts of one batch that lost against another process. */
const ATTEMPTS_MAX = 40
const BACK_OFF = { baseMs: 1, capMs: 50 }

interface Held {
  etag: string | null
  document: SourceDocument
  /** Of its text. */
  chars: number
}

interface Waiting {
  mutation: Mutation<unknown>
  resolve: (value: never) => void
  reject: (error: unknown) => void
}

export function committer(
  store: DocumentStore,
  name: string,
  options: DocumentOptions,
  { clock, shelf }: { clock: Clock; shelf: Shelf },
): Committer {
  const held = shelf.place<Held>()
  let fetching: Promise<Held> | null = null
  let nextFetch: Promise<Held> | null = null
  let waiting: Waiting[] = []
  let running = false

  async function fetchNow(): Promise<Held> {
    const known = held.get()
    const stored = await store.get(name, known?.etag ?? undefined)
    if (stored === 'unchanged' && known !== null) return known
    if (stored === 'unchanged')
      throw new CutoverError('internal', `${store.label} answered "unchanged" to a first read.`)
    const fetched: Held =
      stored === null
        ? { etag: null, document: emptyDocument(options), chars: 0 }
        : { etag: stored.etag, document: parseDocument(stored.text, name, options), chars: stored.text.length }
    return keep(fetched)
  }

  function keep(known: Held): Held {
    held.put(known, known.chars)
    return known
  }

  /** A read may join a fetch that starts after it, never one that is already under way. */
  function fetch(): Promise<Held> {
    if (nextFetch !== null) return nextFetch
    const start = (): Promise<Held> => {
      nextFetch = null
      fetching = fetchNow().finally(() => {
        fetching = null
      })
      return fetching
    }
    if (fetching === null) return start()
    nextFetch = fetching.then(start, start)
    return nextFetch
  }

  async function runBatch(batch: Waiting[]): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const base = (attempt === 0 ? held.get() : null) ?? (await fetch())
      const draft: Draft = { document: cloneDocument(base.document), changed: false }
      const results = batch.map(({ mutation }) => run(mutation, draft))
      if (!draft.changed) {
        if ((await fetch()).etag !== base.etag) continue
        return settle(batch, results)
      }
      const text = renderDocument(draft.document)
      held.clear() // until the put is answered nobody knows
      const put = await store.put(name, text, { ifMatch: base.etag })
      if (put.kind === 'stored') {
        keep({ etag: put.etag, document: draft.document, chars: text.length })
        return settle(batch, results)
      }
      await clock.sleep(backOff({ attempt, ...BACK_OFF }, clock))
    }
    throw new CutoverError(
      'unavailable',
      `The document ${name} is written by too many at once. Try again, or spread the collection over more documents.`,
      { details: { reason: CONTENDED } },
    )
  }

  async function drain(): Promise<void> {
    if (running) return
    running = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await runBatch(batch)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = false
  }

  return {
    read: async () => (await fetch()).document,
    prefetch: () => {
      fetch().catch(() => {}) // whoever needs it asks again and is told
    },
    commit: (mutation) =>
      new Promise((resolve, reject) => {
        waiting.push({ mutation, resolve, reject })
        queueMicrotask(() => void drain())
      }),
  }
}

type Result = { value: unknown } | { error: unknown }

function run(mutation: Mutation<unknown>, draft: Draft): Result {
  try {
    return { value: mutation(draft) }
  } catch (error) {
    return { error }
  }
}

function settle(batch: Waiting[], results: Result[]): void {
  batch.forEach(({ resolve, reject }, at) => {
    const result = results[at]
    if (result === undefined || 'error' in result) reject(result?.error)
    else resolve(result.value as never)
  })
}

/** Shallow: copies are replaced, never changed. */
function cloneDocument(document: SourceDocument): SourceDocument {
  return { ...document, copies: new Map(document.copies), remembered: new Map(document.remembered) }
}
