import { useState } from 'preact/hooks'
import { STAGES, type Stage, stageIndex } from '../../../core/stage.js'
import type { Act } from '../../page/act.js'
import type { CollectionState } from '../../state.js'
import { Choice } from './fields.js'
import { ActForm, type ActProps } from './form.js'
import { type Seen, useLook } from './look.js'
import { previewPath, rehearsalOf, type Wish } from './request.js'
import { collectionIn, Happening, movedSince } from './stage.js'
import { NotSeen, type Preview, type Rehearsal, WouldRollBack } from './stage-preview.js'

/**
 * The way back, which is the fast lane: two presses where it is instant. Where records must be brought back first, or a
 * store does not answer, the rollback does what is safe at once and goes on by itself; so it is never held up here.
 */
export function RollBack({ act, ...props }: ActProps & { act: Extract<Act, { kind: 'roll-back' }> }) {
  const { collection } = act
  const now = collectionIn(props, collection)
  const [to, setTo] = useState<Stage>(backOf(now))
  const look = { collection, direction: 'down', to, rolloutPercent: 0 } as const
  const { seen, again } = useLook<Preview>({ method: 'GET', path: previewPath(look) })
  const takesMore = needsMore(seen)
  const rehearsal = useLook<Rehearsal>(takesMore ? { ...rehearsalOf({ collection, to }), changesNothing: true } : null)
  // A refused preview names no epoch: then it is the one that the page showed when it was asked for.
  const [asked, setAsked] = useState(now?.epoch ?? act.epoch)
  const epoch = seen.kind === 'ok' ? seen.value.epoch : asked
  const wish = wishOf({ collection, to, seen, takesMore, epoch })
  const isInstant = seen.kind === 'ok' && !takesMore
  return (
    <ActForm
      {...props}
      title={`Roll ${collection} back`}
      wish={wish}
      blocked={blockedBack(seen, wish)}
      refused={seen.kind === 'refused' && !takesMore}
      toType={null}
      moved={movedSince(now, { epoch })}
      again={() => {
        setAsked(now?.epoch ?? epoch)
        again()
        rehearsal.again()
      }}
      confirm={`Roll back to ${to}`}
      happening={takesMore ? <Rest seen={seen} rehearsal={rehearsal.seen} /> : <Happening seen={seen} />}
      {...(isInstant
        ? { atOnce: { label: `Roll back to ${to} now, because`, presets: PRESETS } }
        : { presets: PRESETS })}
    >
      <Readiness now={now} />
      <Choice label="Back to" value={to} options={behind(now).map((stage) => [stage, stage])} onChange={setTo} />
    </ActForm>
  )
}

const PRESETS = ['Errors', 'Slower than before', 'Records differ', 'To be safe']

function wishOf({ collection, to, seen, takesMore, epoch }: Chosen): Wish | null {
  // Where it cannot be told at which epoch it stands, the way back is not held up by one.
  const ifEpoch = seen.kind === 'problem' ? null : epoch
  if (takesMore) return { kind: 'roll-back-component', collection, to, ifEpoch }
  return seen.kind === 'ok' ? { kind: 'roll-back', collection, to, rolloutPercent: 0, ifEpoch: epoch } : null
}

interface Chosen {
  collection: string
  to: Stage
  seen: Seen<Preview>
  takesMore: boolean
  epoch: number
}

/** A pass on the way, or a store that does not answer: a stage change alone does not do it. */
export function needsMore(seen: Seen<Preview>): boolean {
  switch (seen.kind) {
    case 'ok':
      return seen.value.pending !== null
    case 'refused':
      return seen.refusal.reason === 'source-not-full' || seen.refusal.reason === 'no-such-step'
    case 'problem':
      return seen.problem.status >= 500
    default:
      return false
  }
}

function blockedBack(seen: Seen<Preview>, wish: Wish | null): string | null {
  if (wish !== null) return null
  if (seen.kind === 'looking') return 'What would happen is being asked for.'
  return seen.kind === 'refused' ? 'It would be refused, for the reason above.' : 'The control plane does not answer.'
}

function Readiness({ now }: { now: CollectionState | null }) {
  if (now === null) return <p>How far away the way back is cannot be told now.</p>
  const { stage, rolloutPercent, rollbackReadiness } = now
  return (
    <p>
      It stands at {stage}
      {rolloutPercent === 100 ? '' : ` with ${rolloutPercent} % of the records`}. <strong>The way back:</strong>{' '}
      {rollbackReadiness.inWords}.
    </p>
  )
}

function Rest({ seen, rehearsal }: { seen: Seen<Preview>; rehearsal: Seen<Rehearsal> }) {
  return (
    <section
      class="happening"
      aria-label="What will happen"
      aria-live="polite"
      aria-busy={rehearsal.kind === 'looking'}
    >
      <h3>What will happen</h3>
      <p>What is safe at once is done at once; the rest goes on by itself, and does not need this page.</p>
      {rehearsal.kind === 'ok' ? <WouldRollBack rehearsal={rehearsal.value} /> : <NotSeen seen={rehearsal} />}
      {seen.kind === 'problem' ? <p class="notice warn">{seen.problem.message}</p> : null}
    </section>
  )
}

/** Reads come from the source again in shadow: from further on, that is what one wants back to. */
function backOf(now: CollectionState | null): Stage {
  if (now === null || stageIndex(now.stage) > stageIndex('shadow')) return 'shadow'
  return STAGES[stageIndex(now.stage) - 1] ?? 'off'
}

function behind(now: CollectionState | null): readonly Stage[] {
  return STAGES.filter((stage) => now === null || stageIndex(stage) < stageIndex(now.stage)).toReversed()
}
