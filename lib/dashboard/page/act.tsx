import type { ComponentChildren } from 'preact'
import { includesRole, type Role } from '../../commands/command.js'
import { useSteering } from './steering.js'

/** Something an operator can do from the page. `epoch` is where the collection stood when it was shown. */
export type Act =
  | { kind: 'advance'; collection: string; epoch: number }
  | { kind: 'roll-back'; collection: string; epoch: number }
  | { kind: 'set-rollout'; collection: string; epoch: number; rolloutPercent: number }
  | { kind: 'backfill'; collection: string }
  | { kind: 'validate'; collection: string }
  | { kind: 'repair'; collection: string }
  | { kind: 'check-zero-loss'; collection: string }
  | { kind: 'pause-run'; runId: string; subject: string }
  | { kind: 'resume-run'; runId: string; subject: string }
  | { kind: 'cancel-run'; runId: string; subject: string }
  | { kind: 'pause-plan'; planId: string; subject: string }
  | { kind: 'resume-plan'; planId: string; subject: string }
  | { kind: 'pause-program'; program: string }
  | { kind: 'resume-program'; program: string }
  | { kind: 'acknowledge-alert'; alertId: string; subject: string }
  | { kind: 'resolve-alert'; alertId: string; subject: string }
  /** Of a part that a flag switches: how much goes the new way. */
  | { kind: 'set-share'; component: string; flag: string; sharePercent: number }
  | { kind: 'roll-back-part'; component: string }
  | { kind: 'emergency-stop' }
  | { kind: 'lift-emergency-stop' }

/** What each act is called on its button, and who may do it. */
export const ACTS: { readonly [kind in Act['kind']]: { label: string; role: Role } } = {
  advance: { label: 'Advance', role: 'operator' },
  'roll-back': { label: 'Roll back', role: 'operator' },
  'set-rollout': { label: 'Set rollout', role: 'operator' },
  backfill: { label: 'Back-fill', role: 'operator' },
  validate: { label: 'Validate', role: 'operator' },
  repair: { label: 'Repair', role: 'operator' },
  'check-zero-loss': { label: 'Check for loss', role: 'operator' },
  'pause-run': { label: 'Pause', role: 'operator' },
  'resume-run': { label: 'Resume', role: 'operator' },
  'cancel-run': { label: 'Cancel', role: 'operator' },
  'pause-plan': { label: 'Pause', role: 'operator' },
  'resume-plan': { label: 'Resume', role: 'operator' },
  'pause-program': { label: 'Pause', role: 'operator' },
  'resume-program': { label: 'Resume', role: 'operator' },
  'acknowledge-alert': { label: 'Acknowledge', role: 'operator' },
  'resolve-alert': { label: 'Resolve', role: 'operator' },
  'set-share': { label: 'Set share', role: 'operator' },
  'roll-back-part': { label: 'Roll back', role: 'operator' },
  'emergency-stop': { label: 'Emergency stop', role: 'operator' },
  'lift-emergency-stop': { label: 'Lift the stop', role: 'operator' },
}

/** Opens the dialog of an act; not there for whoever may not do it. */
export function ActButton({ act, children, tone }: ActButtonProps) {
  const { role, ask } = useSteering()
  const { label, role: needed } = ACTS[act.kind]
  if (!includesRole(role, needed)) return null
  return (
    <button
      type="button"
      class={`act ${tone ?? ''}`}
      data-act={act.kind}
      disabled={ask === null}
      onClick={() => ask?.(act)}
      aria-haspopup="dialog"
    >
      {children ?? `${label}…`}
    </button>
  )
}

interface ActButtonProps {
  act: Act
  children?: ComponentChildren
  tone?: 'primary' | 'danger' | 'plain'
}
