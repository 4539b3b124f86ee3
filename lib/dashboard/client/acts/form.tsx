import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { AuditEntry, DashboardState } from '../../state.js'
import { whyNot } from './confirming.js'
import { useDoing } from './doing.js'
import { Reason, TypedConfirmation } from './fields.js'
import { Frame } from './frame.js'
import { Faster, OutcomeShown } from './outcome.js'
import type { Wish } from './request.js'

/** What every act shares: why, whether it is meant, doing it once, and what became of it. */
export function ActForm({ title, wish, blocked, toType, moved, again, children, ...rest }: ActFormProps) {
  const { state, onClose, onDone } = rest
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const doing = useDoing({ since: state?.at ?? null, onDone })
  const isUnderWay = doing.phase.kind === 'under-way'
  const held = wish === null ? (blocked ?? 'There is nothing to confirm yet.') : blocked
  const hold = moved === null ? held : 'Look again first: it has changed while you were looking.'
  const why = whyNot({ reason, toType, typed, blocked: hold })

  function lookAgain(): void {
    setTyped('')
    doing.again()
    again()
  }
  function send(because: string): void {
    if (wish !== null && whyNot({ reason: because, toType, typed, blocked: hold }) === null) doing.send(wish, because)
  }

  if (doing.phase.kind === 'over')
    return (
      <Frame title={title} onClose={onClose}>
        <OutcomeShown
          outcome={doing.phase.outcome}
          onAgain={lookAgain}
          onLookForIt={doing.lookForIt}
          onClose={onClose}
        />
      </Frame>
    )
  return (
    <Frame title={title} onClose={onClose}>
      <form
        aria-busy={isUnderWay}
        onSubmit={(event) => {
          event.preventDefault()
          send(reason)
        }}
      >
        <div class="act-body">
          {moved === null ? null : <MovedMeanwhile moved={moved} onAgain={lookAgain} />}
          <fieldset disabled={isUnderWay}>{children}</fieldset>
          {rest.atOnce === undefined ? null : (
            <AtOnce {...rest.atOnce} held={hold ?? busyWord(isUnderWay)} onTake={send} />
          )}
          {rest.happening}
          {rest.refused ? null : (
            <>
              <Reason value={reason} presets={rest.presets ?? []} disabled={isUnderWay} onChange={setReason} />
              {toType === null ? null : <TypedConfirmation toType={toType} value={typed} onChange={setTyped} />}
            </>
          )}
        </div>
        <Confirm {...rest} isUnderWay={isUnderWay} why={why} />
      </form>
    </Frame>
  )
}

export interface ActFormProps extends ActProps {
  title: string
  /** What is to be done, once that is known. */
  wish: Wish | null
  /** Why it cannot be confirmed now, however the form is filled in. */
  blocked: string | null
  /** It would be refused: there is nothing to be confirmed. */
  refused?: boolean
  toType: string | null
  /** It has changed since it was looked at. */
  moved: Moved | null
  /** Looks afresh. */
  again: () => void
  confirm: string
  tone?: 'primary' | 'danger'
  /** Reasons that are often given. */
  presets?: readonly string[]
  /** The fast lane: a reason that is taken confirms. */
  atOnce?: { label: string; presets: readonly string[] }
  children: ComponentChildren
  /** Shown after the fast lane; all others have it among their children. */
  happening?: ComponentChildren
}

/** What every dialog of an act is given. */
export interface ActProps {
  state: DashboardState | null
  onClose: () => void
  /** Something may have been done. */
  onDone: () => void
}

export interface Moved {
  /** Told while nobody has been found in the audit trail. */
  inWords: string
  find: () => Promise<AuditEntry | null>
}

function Confirm({ confirm, tone = 'primary', refused = false, isUnderWay, why, onClose }: ConfirmProps) {
  const held = busyWord(isUnderWay) ?? why
  return (
    <footer>
      <p id="why-not" class="quiet" role="status">
        {isUnderWay ? 'Under way. Closing does not stop it: it goes on, and the audit trail has how it ends.' : why}
      </p>
      <button type="button" onClick={onClose}>
        {isUnderWay || refused ? 'Close' : 'Cancel'}
      </button>
      {refused ? null : (
        <button
          type="submit"
          class={tone}
          aria-disabled={held !== null}
          aria-busy={isUnderWay}
          aria-describedby="why-not"
        >
          {isUnderWay ? 'Under way…' : confirm}
        </button>
      )}
    </footer>
  )
}

type ConfirmProps = Pick<ActFormProps, 'confirm' | 'tone' | 'refused' | 'onClose'> & {
  isUnderWay: boolean
  why: string | null
}

function busyWord(isUnderWay: boolean): string | null {
  return isUnderWay ? 'It is under way.' : null
}

/** A second click of a double click, or a key that is held, must not fall through to what it has opened. */
const ARMED_AFTER_MS = 400

function AtOnce({ label, presets, held, onTake }: AtOnceProps) {
  const [armed, setArmed] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setArmed(true), ARMED_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  const isHeld = held !== null || !armed
  return (
    <fieldset class="at-once">
      <legend>{label}</legend>
      <div class="chips">
        {presets.map((preset) => (
          <button
            type="button"
            key={preset}
            class="primary"
            aria-disabled={isHeld}
            onClick={() => (isHeld ? undefined : onTake(preset))}
          >
            {preset}
          </button>
        ))}
      </div>
      <p class="quiet">One press does it. To say it in your own words, go on below.</p>
    </fieldset>
  )
}

interface AtOnceProps {
  label: string
  presets: readonly string[]
  held: string | null
  onTake: (reason: string) => void
}

function MovedMeanwhile({ moved, onAgain }: { moved: Moved; onAgain: () => void }) {
  const [entry, setEntry] = useState<AuditEntry | null>(null)
  const { inWords, find } = moved
  // Looked for once for each thing that has changed, not at every refresh.
  useEffect(() => {
    let isOver = false
    void find().then((found) => {
      if (!isOver) setEntry(found)
    })
    return () => {
      isOver = true
    }
  }, [inWords])
  return (
    <div class="moved" role="alert">
      {entry === null ? <p class="notice warn">{inWords}</p> : <Faster entry={entry} />}
      <button type="button" onClick={onAgain}>
        Look again
      </button>
    </div>
  )
}
