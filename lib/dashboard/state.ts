import type { Caller } from '../commands/command.js'
import type { showDashboard } from '../commands/operators/state/show-dashboard.js'

/** What the page shows: the answer of `show-dashboard`. A part that could not be told is null, and `missing` says why. */
export type DashboardState = ReturnType<typeof showDashboard.output.parse>

/** A part of the state, as it is when it could be told. */
export type Part<Name extends keyof DashboardState> = NonNullable<DashboardState[Name]>

export type CollectionState = Part<'collections'>[number]
export type RunState = Part<'runs'>[number]
export type AuditEntry = Part<'audit'>['items'][number]

/** What the server gives the page to begin with. */
export interface Boot {
  /** `null`: the control plane did not answer, and `fault` says so in a sentence. */
  state: DashboardState | null
  fault: string | null
  caller: Pick<Caller, 'name' | 'role'>
  /** The host that the page speaks of, such as `example.vercel.app`. */
  host: string
}
