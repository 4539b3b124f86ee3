import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** In which zone times are shown, and how one changes that. */
export interface Zones {
  chosen: 'UTC' | 'local'
  /** The browser's own, by its IANA name. */
  local: string
  choose(zone: 'UTC' | 'local'): void
}

/** `null`: there is no choice (no JavaScript, or it has not begun yet), and times are in UTC. */
export const ZoneChoice = createContext<Zones | null>(null)

export function ZoneSwitch() {
  const zones = useContext(ZoneChoice)
  if (zones === null) return null
  const { chosen, local, choose } = zones
  return (
    <fieldset class="zones">
      <legend class="hidden-visually">Times are shown in</legend>
      {(['UTC', 'local'] as const).map((zone) => (
        <button
          key={zone}
          type="button"
          aria-pressed={chosen === zone}
          title={zone === 'UTC' ? 'Coordinated universal time' : local}
          onClick={() => choose(zone)}
        >
          {zone === 'UTC' ? 'UTC' : 'Local'}
        </button>
      ))}
    </fieldset>
  )
}
