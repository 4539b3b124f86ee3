import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Act } from '../page/act.js'
import { MODES } from '../page/freshness.js'
import { Page } from '../page/page.js'
import type { Steering } from '../page/steering.js'
import type { Boot } from '../state.js'
import { ActDialog } from './acts/dialog.js'
import { Shortcuts } from './acts/shortcuts.js'
import { connectionOf, serverMs } from './live/connection.js'
import { type Following, follow } from './live/follow.js'
import type { Live } from './live/live.js'
import type { Moment } from './live/stream.js'
import { useZones } from './zones.js'

/**
 * The page, brought to life. The first time it is drawn exactly as the server drew it (UTC, nothing can be done), so
 * that what is there already is taken over as it is; then it begins to follow.
 */
export function App({ boot }: { boot: Boot }) {
  const { seen, acted } = useFollowing(boot)
  const zones = useZones()
  const [act, ask] = useState<Act | null>(null)
  const close = useCallback(() => ask(null), [])
  const title = seen === null ? null : titleOf(seen)
  useEffect(() => {
    if (title !== null) document.title = title
  }, [title])
  if (seen === null) return <Page boot={boot} />
  const { live, at } = seen
  const state = live.shown?.state ?? null
  const { role } = boot.caller
  const steering: Steering = {
    role,
    zone: zones.chosen === 'UTC' ? 'UTC' : zones.local,
    nowMs: serverMs(live, at),
    ask: live.signedOut ? null : ask,
  }
  const dialog = (
    <>
      <Shortcuts role={role} ask={steering.ask} />
      {act === null ? null : <ActDialog act={act} state={state} role={role} onClose={close} onDone={acted} />}
    </>
  )
  return <Page boot={boot} live={{ state, steering, connection: connectionOf(live, at), zones, dialog }} />
}

/** Seen among other tabs: what keeps it from being fresh, and how many alerts there are. */
function titleOf({ live, at }: Seen): string {
  const { kind } = connectionOf(live, at)
  const alerts = live.shown?.state.alerts?.items.length ?? 0
  const trouble = kind === 'offline' || kind === 'signed-out' ? `${MODES[kind].word} · ` : ''
  return `${trouble}${alerts === 0 ? '' : `(${alerts}) `}Migration · cutover`
}

interface Seen {
  live: Live
  at: Moment
}

function useFollowing(boot: Boot) {
  const [seen, setSeen] = useState<Seen | null>(null)
  const following = useRef<Following | null>(null)
  useEffect(() => {
    following.current = follow(boot, (live, at) => setSeen({ live, at }))
    return () => following.current?.stop()
  }, [boot])
  const acted = useCallback(() => following.current?.tell({ kind: 'acted' }), [])
  return { seen, acted }
}
