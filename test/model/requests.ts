import { CutoverError } from '../../lib/core/error.js'
import type { SourceControl } from '../../lib/core/protocol/answers.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { PlainTarget, Source, Target } from '../../lib/ports/store.js'

/** What a process asks of the world, one request at a time. */
export interface Request {
  store: 'source' | 'target' | 'world'
  call: string
  /** Two requests with one key are the same: what one does to a store, the other does. */
  key: string
  /** Whoever asks sends the request again when it is not answered, and may then hear an answer in doubt. */
  resent?: boolean
  /** Carries it out on stores in some state. */
  run: (stores: Stores) => Promise<unknown>
}

export interface Stores {
  source: Source
  target: Target
  /** What the source is made of. */
  documents: DocumentStore
  /** The target after the last day. */
  plain: PlainTarget
}

/** `answer: null`: no sending of the request was answered. It may have had its effect, and may yet. */
export interface Reply {
  answer: Answered | null
  /** An earlier sending of the same request was not answered. */
  doubtful: boolean
}

/** What was answered, which may be `null` itself. */
export interface Answered {
  value: unknown
}

export type Ask = (request: Request) => Promise<Reply>

const CALLS = {
  source: ['get', 'cas', 'apply', 'applyMany', 'page', 'count', 'control', 'raise'],
  target: [
    'get',
    'begin',
    'probe',
    'prove',
    'applyMany',
    'settleMany',
    'openIds',
    'countOpen',
    'getMany',
    'control',
    'raise',
    'amend',
    'beat',
  ],
  plain: ['get', 'write', 'purge'],
} as const

type Part = keyof typeof CALLS

/** These leave a store as it is: one that is not answered leaves no doubt. */
const READS = new Set([
  'document.get',
  'plain.get',
  'get',
  'page',
  'count',
  'control',
  'openIds',
  'countOpen',
  'getMany',
])

export function isRead({ call }: Request): boolean {
  return READS.has(call)
}

/**
 * Whether a copy of the request may come again, or late. The change of a control record cannot: it is a read and a
 * conditional write, which is void by then. A plain write has no guard against it: that is how plain stores are.
 */
export function mayStray({ store, call }: Request): boolean {
  return store !== 'world' && !READS.has(call) && call !== 'updateControl' && !call.startsWith('plain.')
}

/** The stores as a process sees them: every call is a request to the world. */
export function askedStores(ask: Ask): Stores {
  const over = (store: Part): Record<string, unknown> =>
    Object.fromEntries(
      CALLS[store].map((call) => [call, (...given: unknown[]) => told(ask, requestOf(store, call, given))]),
    )
  const updateControl = (decide: Decide): Promise<unknown> => told(ask, updateOf(decide), decide)
  return {
    source: { label: 'source', ...over('source'), updateControl } as unknown as Source,
    target: { label: 'target', ...over('target') } as unknown as Target,
    plain: over('plain') as unknown as PlainTarget,
    documents: {
      label: 'source',
      get: (...given) => told(ask, ofDocument('get', given)) as ReturnType<DocumentStore['get']>,
      put: (...given) => told(ask, ofDocument('put', given)) as ReturnType<DocumentStore['put']>,
      remove: () => Promise.reject(new Error('Nobody removes a document.')),
      list: () => Promise.reject(new Error('Nobody lists documents.')),
    },
  }
}

function ofDocument(call: 'get' | 'put', given: readonly unknown[]): Request {
  const run = ({ documents }: Stores): Promise<unknown> =>
    (documents[call] as (...given: unknown[]) => Promise<unknown>)(...given)
  return { store: 'source', call: `document.${call}`, key: `document.${call} ${JSON.stringify(given)}`, run }
}

async function told(ask: Ask, request: Request, decide?: Decide): Promise<unknown> {
  const { answer } = await ask(request)
  if (answer === null) throw new CutoverError('unavailable', `The ${request.store} does not answer.`)
  const { value } = answer
  // A process that is played again decides again, upon the same record.
  return decide === undefined ? value : (decide(value as SourceControl) ?? value)
}

export function requestOf(part: Part, call: string, given: readonly unknown[]): Request {
  const run = async (stores: Stores): Promise<unknown> => {
    const method = (stores[part] as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>)[call]
    if (method === undefined) throw new Error(`The ${part} has no call ${call}.`)
    return method(...given)
  }
  const store = part === 'source' ? 'source' : 'target'
  return {
    store,
    call: part === 'plain' ? `plain.${call}` : call,
    key: `${part}.${call} ${JSON.stringify(given)}`,
    run,
  }
}

type Decide = (control: SourceControl) => SourceControl | null

/** Its key is left open: what is decided depends on all that the process has seen. The answer is the record before. */
function updateOf(decide: Decide): Request {
  const run = async ({ source }: Stores): Promise<unknown> => {
    let before: SourceControl | null = null
    await source.updateControl((control) => {
      before = control
      return decide(control)
    })
    return before
  }
  return { store: 'source', call: 'updateControl', key: '', run }
}
