import { useEffect, useRef } from 'preact/hooks'
import { Pill } from '../../page/panel.js'
import { useSteering } from '../../page/steering.js'
import { shownAge, Time } from '../../page/time.js'
import type { AuditEntry } from '../../state.js'
import { numberOf, textOf } from './audited.js'
import type { Outcome } from './settle.js'
import { deedInWords, nameInWords } from './words.js'

/** What has become of an act, in words, with its entry in the audit trail. */
export function OutcomeShown({ outcome, onAgain, onLookForIt, onClose }: OutcomeProps) {
  const shown = useRef<HTMLDivElement>(null)
  useEffect(() => shown.current?.focus(), [outcome])
  return (
    <>
      <div class="act-body" ref={shown} tabIndex={-1} role="status" data-outcome={outcome.kind}>
        <Told outcome={outcome} />
      </div>
      <footer>
        {outcome.kind === 'unknown' ? (
          <button type="button" onClick={onLookForIt}>
            Look in the audit trail again
          </button>
        ) : null}
        {outcome.kind === 'failed' && outcome.signedOut ? (
          <a class="button" href="/">
            Sign in
          </a>
        ) : null}
        {outcome.kind === 'conflict' || outcome.kind === 'refused' ? (
          <button type="button" class="primary" onClick={onAgain}>
            Look again
          </button>
        ) : null}
        {outcome.kind === 'failed' && !outcome.signedOut ? (
          <button type="button" onClick={onAgain}>
            Back
          </button>
        ) : null}
        <button type="button" onClick={onClose}>
          Close
        </button>
      </footer>
    </>
  )
}

interface OutcomeProps {
  outcome: Outcome
  onAgain: () => void
  onLookForIt: () => void
  onClose: () => void
}

function Told({ outcome }: { outcome: Outcome }) {
  switch (outcome.kind) {
    case 'done':
      return (
        <>
          <p class="outcome">
            <Pill tone={outcome.begun ? 'busy' : 'good'}>{outcome.begun ? 'Begun' : 'Done'}</Pill> {outcome.inWords}
          </p>
          {outcome.entry === null ? (
            <p class="quiet">
              Its entry is not in the <a href="#audit">audit trail</a> yet. It is entered as soon as the ledger answers.
            </p>
          ) : (
            <Entry entry={outcome.entry} />
          )}
        </>
      )
    case 'conflict':
      return (
        <>
          <Faster entry={outcome.entry} />
          <p>{outcome.inWords}</p>
        </>
      )
    case 'refused':
      return (
        <p class="notice warn">
          <strong>Refused.</strong> {outcome.inWords}
        </p>
      )
    case 'failed':
      return (
        <p class="notice bad">
          <strong>Not done.</strong> {outcome.inWords}
        </p>
      )
    case 'unknown':
      return (
        <>
          <p class="notice warn">
            <strong>Not known.</strong> {outcome.inWords}
          </p>
          <p>
            It was sent once and is not sent again by itself. Wait a moment and look in the{' '}
            <a href="#audit">audit trail</a>, which the page keeps up to date, before you ask again.
          </p>
        </>
      )
  }
}

/** Who was faster, what they did, how long ago and why. */
export function Faster({ entry }: { entry: AuditEntry | null }) {
  const { nowMs } = useSteering()
  if (entry === null)
    return (
      <p class="notice warn">
        <strong>Somebody else was faster.</strong> The audit trail does not say who yet.
      </p>
    )
  return (
    <p class="notice warn">
      <strong>Somebody else was faster:</strong> {deedInWords(entry)}{' '}
      <time dateTime={entry.at}>{shownAge(nowMs - Date.parse(entry.at))}</time>: “{entry.reason}”
    </p>
  )
}

/** An entry of the audit trail: who, when, why, and what was before and after. */
function Entry({ entry }: { entry: AuditEntry }) {
  const [before, after] = [sideInWords(entry.before), sideInWords(entry.after)]
  return (
    <figure class="entry">
      <figcaption>
        In the <a href="#audit">audit trail</a>
      </figcaption>
      <dl>
        <dt>What</dt>
        <dd>
          <code>{entry.action}</code> {entry.collection}
        </dd>
        <dt>Who</dt>
        <dd>{nameInWords(entry.by)}</dd>
        <dt>When</dt>
        <dd>
          <Time at={entry.at} />
        </dd>
        <dt>Why</dt>
        <dd>{entry.reason}</dd>
        {(before === '' && after === '') || STATELESS.has(entry.action) ? null : (
          <>
            <dt>Before → after</dt>
            <dd>
              {before === '' ? 'nothing' : before} → {after === '' ? 'nothing' : after}
            </dd>
          </>
        )}
      </dl>
    </figure>
  )
}

/** Their sides are for the machine: a stop that stands has the state `failed`. */
const STATELESS = new Set(['emergency-stop', 'lift-emergency-stop'])

const MEMBERS_SHOWN = 4

/** `shadow, 10 %`; where it is no stage, its first members as they are. */
function sideInWords(side: unknown): string {
  const stage = textOf(side, 'stage')
  const percent = numberOf(side, 'rolloutPercent')
  if (stage !== null) return percent === null ? stage : `${stage}, ${percent} %`
  if (typeof side !== 'object' || side === null) return ''
  const texts = Object.entries(side).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [`${name} ${value}`] : [],
  )
  return texts.slice(0, MEMBERS_SHOWN).join(', ')
}
