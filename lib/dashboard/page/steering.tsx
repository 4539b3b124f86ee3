import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Role } from '../../commands/command.js'
import type { Act } from './act.js'

/** What every part of the page may need to know of the browser it is in. */
export interface Steering {
  role: Role | null
  /** In which zone times are shown: `UTC`, or an IANA name. */
  zone: string
  /** Wall-clock milliseconds by which ages are told. */
  nowMs: number
  /** Opens the dialog of an act. `null`: nothing can be done here (no JavaScript, or it has not begun yet). */
  ask: ((act: Act) => void) | null
}

export const Steers = createContext<Steering>({ role: null, zone: 'UTC', nowMs: 0, ask: null })

export function useSteering(): Steering {
  return useContext(Steers)
}
