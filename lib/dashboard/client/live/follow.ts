import type { Boot, DashboardState } from '../../state.js'
import { dueInMs, type Effect } from './due.js'
import { begin, type Live, type LiveEvent } from './live.js'
import { step } from './step.js'
import type { Moment } from './stream.js'

/** Follows the migration in this browser until `stop`: the one timer, the one request, the one stream. */
export function follow(boot: Boot, show: (live: Live, at: Moment) => void): Following {
  let live = begin(boot.state, now(), performance.now())
  let timer: ReturnType<typeof setTimeout> | undefined
  let stream: EventSource | null = null
  let request = new AbortController()
  const over = new AbortController()

  function tell(event: LiveEvent): void {
    if (over.signal.aborted) return
    const at = now()
    const next = step(live, event, at)
    live = next.live
    for (const effect of next.effects) perform(effect)
    clearTimeout(timer)
    const dueIn = dueInMs(live, at)
    if (dueIn !== null) timer = setTimeout(tell, dueIn, { kind: 'tick' })
    show(live, at)
  }

  function perform(effect: Effect): void {
    switch (effect.kind) {
      case 'ask':
        request = new AbortController()
        void ask(effect.number, effect.parts, request.signal).then(tell)
        return
      case 'drop-request':
        request.abort()
        return
      case 'open-stream':
        stream?.close()
        stream = openStream(effect.after, tell)
        return
      case 'close-stream':
        stream?.close()
        stream = null
    }
  }

  listen(tell, over.signal)
  tell({ kind: document.hidden ? 'hidden' : 'tick' })
  return {
    tell,
    stop() {
      over.abort()
      clearTimeout(timer)
      request.abort()
      stream?.close()
    },
  }
}

export interface Following {
  tell(event: LiveEvent): void
  stop(): void
}

const BASE = '/api/migration'
const REQUEST_MS_MAX = 20_000

function now(): Moment {
  return { monoMs: performance.now(), wallMs: Date.now(), random: Math.random() }
}

async function ask(number: number, parts: readonly string[] | null, dropped: AbortSignal): Promise<LiveEvent> {
  const query = parts === null ? '' : `?parts=${parts.join(',')}`
  const signal = AbortSignal.any([dropped, AbortSignal.timeout(REQUEST_MS_MAX)])
  try {
    const response = await fetch(`${BASE}/dashboard${query}`, { signal, cache: 'no-store' })
    if (response.status === 401) return { kind: 'signed-out', number }
    if (response.ok) return { kind: 'answered', number, state: (await response.json()) as DashboardState }
    const waitMs = Number(response.headers.get('retry-after') ?? Number.NaN) * 1_000
    const trouble = `the control plane answers with ${response.status}`
    return { kind: 'failed', number, trouble, waitMs: Number.isFinite(waitMs) ? waitMs : null }
  } catch {
    return { kind: 'failed', number, trouble: 'the control plane cannot be reached', waitMs: null }
  }
}

/** Only what is done is told entry by entry; that anything else was written is one event for all of it. */
function openStream(after: string | null, tell: (event: LiveEvent) => void): EventSource {
  const from = after === null ? '' : `&after=${encodeURIComponent(after)}`
  const source = new EventSource(`${BASE}/events?kinds=audit${from}`)
  source.onopen = () => tell({ kind: 'stream-opened' })
  source.onerror = () => tell({ kind: source.readyState === EventSource.CLOSED ? 'stream-refused' : 'stream-cut' })
  for (const kind of ['audit', 'changed']) {
    source.addEventListener(kind, ({ lastEventId }) => {
      tell({ kind: 'stream-said', position: lastEventId === '' ? null : lastEventId, isEntry: kind === 'audit' })
    })
  }
  return source
}

function listen(tell: (event: LiveEvent) => void, signal: AbortSignal): void {
  document.addEventListener('visibilitychange', () => tell({ kind: document.hidden ? 'hidden' : 'shown' }), { signal })
  // Shown again as it was left, by the way back.
  addEventListener('pageshow', ({ persisted }) => persisted && tell({ kind: 'shown' }), { signal })
  addEventListener('offline', () => tell({ kind: 'offline' }), { signal })
  addEventListener('online', () => tell({ kind: 'online' }), { signal })
}
