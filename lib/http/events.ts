import { type Context, Hono } from 'hono'
import { CutoverError } from '../core/error.js'
import { CHANGE_KINDS, type ChangeKind, type Changes, changesAfter } from '../engine/state/changes.js'
import type { Clock } from '../ports/clock.js'
import type { Ledger } from '../ports/ledger.js'
import type { Authorizer } from './authorize.js'
import { CONTROL_BASE } from './control.js'

/**
 * What happens, as server-sent events (WHATWG HTML, "Server-sent events"): the audit trail and every kind of state, in
 * the order of their commits. `GET /api/migration/events?kinds=audit,alert-event&after=<position>`.
 *
 * - `id` is a position. A client that lost its connection says it in `Last-Event-ID` and misses nothing that is still
 *   kept; one that comes without a position is told what happens from now on.
 * - `event: <kind>` carries an entry. `event: changed` (no entry) says that something else was written, such as the
 *   progress of a run: whoever shows the state asks for it again.
 * - The function ends some time: before that the stream is closed with `retry`, and a client comes back by itself.
 *
 * A look costs one command while nothing is committed, and one for each kind when something is. A ledger that does not
 * answer is asked again; the client sees a comment, and no event is skipped.
 */
export function eventRoutes(parts: EventParts): Hono {
  const app = new Hono()
  app.get(`${CONTROL_BASE}/events`, async (c) => {
    await parts.authorizer.authorizeRole(c.req.raw, 'viewer')
    const kinds = kindsOf(c)
    const after = positionOf(c)
    const ledger = await parts.ledger()
    // The first look is made before the answer begins, so that a ledger that is away is a problem document.
    const first = await changesAfter(ledger, after, { kinds })
    const stream = following(parts, ledger, kinds, first, c.req.raw.signal)
    return new Response(stream, {
      headers: {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      },
    })
  })
  return app
}

export interface EventParts {
  authorizer: Authorizer
  ledger: () => Promise<Ledger>
  clock: Clock
  /** Wall-clock milliseconds at which this invocation ends. */
  deadlineAt: () => number
  /** Between two looks, in milliseconds. */
  everyMs?: number
}

/** Often enough to be called live, and 43,200 commands a day for each reader who leaves it open. */
const EVERY_MS = 2_000
const MARGIN_MS = 3_000
const RETRY_MS = 1_000
/** A comment now and then keeps proxies from closing a silent stream, and finds readers who are gone. */
const COMMENT_EVERY_MS = 15_000
/** Looks of one stream: the deadline ends it long before. */
const LOOKS_MAX = 10_000

function following(
  { clock, deadlineAt, everyMs = EVERY_MS }: EventParts,
  ledger: Ledger,
  kinds: readonly ChangeKind[],
  first: Changes,
  gone: AbortSignal,
): ReadableStream<Uint8Array> {
  const stop = new AbortController()
  const signal = AbortSignal.any([gone, stop.signal])
  const encoder = new TextEncoder()
  const endsAt = deadlineAt() - MARGIN_MS
  async function* texts(): AsyncGenerator<string> {
    yield `retry: ${RETRY_MS}\n\n${textOf(first)}`
    let { position, more } = first
    let saidAt = clock.monotonic()
    for (let look = 0; look < LOOKS_MAX && !signal.aborted; look++) {
      if (!more) await clock.sleep(everyMs, signal).catch(() => {})
      if (signal.aborted || clock.now() >= endsAt) return
      const found = await changesAfter(ledger, position, { kinds }).catch(unlessAway)
      if (found !== null && found.position !== position) {
        yield textOf(found)
        position = found.position
        more = found.more
        saidAt = clock.monotonic()
      } else if (clock.monotonic() - saidAt >= COMMENT_EVERY_MS) {
        yield found === null ? ': the ledger does not answer\n\n' : ': nothing new\n\n'
        saidAt = clock.monotonic()
      }
    }
  }
  const source = texts()
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await source.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      stop.abort() // it may be waiting for news that never come
      await source.return(undefined)
    },
  })
}

/** Every entry as an event, then where all of it ends. */
function textOf({ items, position }: Changes): string {
  const events = items.map(({ kind, position: at, entry }) => eventText(kind, at, { position: at, kind, entry }))
  return [...events, eventText('changed', position, { position })].join('')
}

/** JSON holds no line breaks, so that one `data` line is enough. */
function eventText(event: string, id: string, data: object): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}

function unlessAway(error: unknown): null {
  if (error instanceof CutoverError && error.code === 'unavailable') return null
  throw error
}

function kindsOf(c: Context): readonly ChangeKind[] {
  const asked = c.req.query('kinds')
  if (asked === undefined) return CHANGE_KINDS
  const names = asked.split(',')
  const found = CHANGE_KINDS.filter((kind) => names.includes(kind))
  if (found.length === new Set(names).size) return found
  throw new CutoverError('invalid-input', `\`kinds\` are some of ${CHANGE_KINDS.join(', ')}, with commas between.`)
}

/** A browser that comes back says it in the header; whoever opens a stream by hand, in the query. */
function positionOf(c: Context): string | null {
  const position = c.req.header('last-event-id') ?? c.req.query('after') ?? null
  if (position === null || /^\d{1,16}-\d{1,4}$/.test(position)) return position
  throw new CutoverError('invalid-input', 'A position is one that an event of this stream had as its id.')
}
