import { useState } from 'preact/hooks'
import { STAGES, type Stage, stageIndex } from '../../../core/stage.js'
import type { Act } from '../../page/act.js'
import type { CollectionState } from '../../state.js'
import { lastMoveOf } from './audited.js'
import { Check, Choice, Share } from './fields.js'
import { ActForm, type ActProps, type Moved } from './form.js'
import { type Seen, useLook } from './look.js'
import { type Look, previewPath, rolloutLook, shareOf, type Wish } from './request.js'
import { Differing, NotSeen, type Preview, WhatHelps, WouldMove } from './stage-preview.js'

/** Advances a collection, or a share of it. */
export function Advance({ act, ...props }: ActProps & { act: Extract<Act, { kind: 'advance' }> }) {
  const { collection } = act
  const now = collectionIn(props, collection)
  const [to, setTo] = useState<Stage | null>(nextOf(now))
  const [text, setText] = useState('100')
  const [acceptRisk, setAcceptRisk] = useState(false)
  const share = shareOf(text)
  const look: Look | null =
    share === null ? null : { collection, direction: 'up', to, rolloutPercent: share, acceptRisk }
  const { seen, again } = useLook<Preview>(look === null ? null : { method: 'GET', path: previewPath(look) })
  const preview = seen.kind === 'ok' ? seen.value : null
  const goal = to ?? preview?.to ?? null
  const wish: Wish | null =
    preview === null || look === null
      ? null
      : { ...look, kind: 'advance', to: goal ?? preview.to, ifEpoch: preview.epoch, acceptRisk }
  const isUnproved = acceptRisk || (seen.kind === 'refused' && seen.refusal.reason === 'zero-loss-not-proved')
  const ahead = STAGES.filter((stage) => now === null || stageIndex(stage) >= stageIndex(nextOf(now) ?? 'complete'))
  return (
    <ActForm
      {...props}
      title={`Advance ${collection}`}
      wish={wish}
      blocked={share === null ? 'The share is a number from 0 to 100, with at most two decimals.' : blockedBy(seen)}
      refused={seen.kind === 'refused'}
      toType={preview?.dangerous ? collection : null}
      moved={movedSince(now, preview)}
      again={again}
      confirm={`Advance to ${preview?.to ?? goal ?? 'the next stage'}`}
      tone={preview?.dangerous ? 'danger' : 'primary'}
      presets={['The plan for today', 'Validated without mismatches', 'Soaked without errors']}
    >
      <div class="row">
        <Choice label="To" value={goal ?? 'complete'} options={ahead.map((stage) => [stage, stage])} onChange={setTo} />
        <Share label="Share of the records" value={text} onChange={setText} />
      </div>
      {isUnproved ? (
        <Check
          label="Go on without the proof that nothing is lost"
          note="The risk is taken by name (zero-loss-not-proved), and kept in the audit trail with your reason."
          checked={acceptRisk}
          onChange={setAcceptRisk}
        />
      ) : null}
      <Differing of={collection} state={props.state} />
      <Happening seen={seen} />
      <WhatHelps seen={seen} collection={collection} />
    </ActForm>
  )
}

/** Raises or lowers the share of the records that stand at the stage. */
export function SetRollout({ act, ...props }: ActProps & { act: Extract<Act, { kind: 'set-rollout' }> }) {
  const { collection } = act
  const now = collectionIn(props, collection)
  const [text, setText] = useState(String(now?.rolloutPercent ?? act.rolloutPercent))
  const share = shareOf(text)
  const present = now?.rolloutPercent ?? act.rolloutPercent
  const look =
    now === null || share === null || share === present
      ? null
      : rolloutLook({ collection, stage: now.stage, present }, share)
  const { seen, again } = useLook<Preview>(look === null ? null : { method: 'GET', path: previewPath(look) })
  const preview = look !== null && seen.kind === 'ok' ? seen.value : null
  const wish: Wish | null = look === null || preview === null ? null : rolloutWish(look, preview)
  return (
    <ActForm
      {...props}
      title={`Set the rollout of ${collection}`}
      wish={wish}
      blocked={rolloutBlocked({ now, share, look, seen })}
      refused={look !== null && seen.kind === 'refused'}
      toType={preview?.dangerous ? collection : null}
      moved={movedSince(now, preview)}
      again={again}
      confirm={share === null ? 'Set' : `Set to ${share} %`}
      tone={preview?.dangerous ? 'danger' : 'primary'}
      presets={['The next step of the rollout', 'Errors at this share', 'Slower at this share']}
    >
      <p>
        {now === null
          ? 'Where it stands cannot be told now.'
          : `${present} % of the records stand at ${now.stage} now.`}
      </p>
      <Share label={`Share at ${now?.stage ?? 'the stage'}`} value={text} onChange={setText} />
      {look === null ? null : <Happening seen={seen} />}
    </ActForm>
  )
}

function rolloutWish(look: Look, preview: Preview): Wish {
  const { collection, rolloutPercent } = look
  const chosen = { collection, to: look.to ?? preview.to, rolloutPercent, ifEpoch: preview.epoch }
  return look.direction === 'up' ? { kind: 'advance', ...chosen, acceptRisk: false } : { kind: 'roll-back', ...chosen }
}

function rolloutBlocked({ now, share, look, seen }: RolloutAsked): string | null {
  if (now === null) return 'Where the collection stands cannot be told now.'
  if (share === null) return 'The share is a number from 0 to 100, with at most two decimals.'
  if (look === null && share !== now.rolloutPercent) return 'Before the first stage there is no share to be set.'
  if (look === null) return `It is ${share} % already: choose another share.`
  return blockedBy(seen)
}

interface RolloutAsked {
  now: CollectionState | null
  share: number | null
  look: Look | null
  seen: Seen<Preview>
}

/** What will happen, said again whenever it changes. */
export function Happening({ seen }: { seen: Seen<Preview> }) {
  return (
    <section class="happening" aria-label="What will happen" aria-live="polite" aria-busy={seen.kind === 'looking'}>
      <h3>What will happen</h3>
      {seen.kind === 'ok' ? <WouldMove preview={seen.value} /> : <NotSeen seen={seen} />}
    </section>
  )
}

/** Why it cannot be confirmed, as far as that lies at what would happen. */
export function blockedBy(seen: Seen<unknown>): string | null {
  switch (seen.kind) {
    case 'ok':
      return null
    case 'looking':
      return 'What would happen is being asked for.'
    case 'refused':
      return 'It would be refused, for the reason above.'
    default:
      return 'What would happen cannot be told, so it cannot be confirmed here.'
  }
}

/** Somebody has moved the collection since the preview that is shown. */
export function movedSince(now: CollectionState | null, looked: { epoch: number } | null): Moved | null {
  if (now === null || looked === null || now.epoch <= looked.epoch) return null
  const { collection, stage, rolloutPercent, epoch } = now
  return {
    inWords: `${collection} was moved while you were looking: it stands at ${stage} (${rolloutPercent} %), epoch ${epoch}.`,
    find: () => lastMoveOf(collection, epoch),
  }
}

export function collectionIn({ state }: Pick<ActProps, 'state'>, name: string): CollectionState | null {
  return state?.collections?.find(({ collection }) => collection === name) ?? null
}

/** The rest of a rollout that has begun comes before the next stage. */
function nextOf(now: CollectionState | null): Stage | null {
  if (now === null) return null
  return now.rolloutPercent < 100 ? now.stage : (STAGES[stageIndex(now.stage) + 1] ?? now.stage)
}
