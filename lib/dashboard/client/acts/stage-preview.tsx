import type { previewStageChange } from '../../../commands/operators/collections/preview-stage-change.js'
import type { rollBackComponent } from '../../../commands/operators/rollbacks/roll-back-component.js'
import { type Act, ActButton } from '../../page/act.js'
import { shownCount, shownCounted, shownSeconds } from '../../page/format.js'
import { Mark } from '../../page/panel.js'
import type { DashboardState } from '../../state.js'
import type { Lost } from '../api.js'
import type { Seen } from './look.js'

export type Preview = Extract<ReturnType<typeof previewStageChange.output.parse>, { kind: 'would-move' }>
export type Rehearsal = Extract<ReturnType<typeof rollBackComponent.output.parse>, { rollbackId: string }>

/** What a stage change would do, as the server reckons it now. */
export function WouldMove({ preview }: { preview: Preview }) {
  const { steps, changes, rollbackAfter, commands, warnings, pending, epoch } = preview
  const goals = steps.map(({ to, rolloutPercent }) => `${to}${rolloutPercent === 100 ? '' : ` (${rolloutPercent} %)`}`)
  return (
    <>
      <p class="headline">{wayInWords(preview.from, goals, steps)}</p>
      <table class="before-after">
        <thead>
          <tr>
            <td />
            <th scope="col">Now</th>
            <th scope="col">Afterwards</th>
          </tr>
        </thead>
        <tbody>
          <Change name="Reads" {...changes.reads} />
          <Change name="Writes" {...changes.writes} />
        </tbody>
      </table>
      <p>
        <strong>The way back afterwards:</strong> {rollbackAfter.inWords}.
      </p>
      {pending === null ? null : (
        <p class="notice warn">
          <Mark tone="warn" /> It would come no further than {preview.to} now. {pending.inWords}
        </p>
      )}
      <Warnings warnings={warnings} />
      <p class="quiet">
        Looked at epoch {epoch}
        {commands === null ? '' : `; about ${shownCount(commands)} Redis commands`}.
      </p>
    </>
  )
}

/** A share that is set at a stage moves nothing from there to there. */
function wayInWords(from: string, goals: readonly string[], steps: Preview['steps']): string {
  return steps.length === 1 && steps[0]?.to === from
    ? `${from} for ${steps[0].rolloutPercent} % of the records`
    : [from, ...goals].join(' → ')
}

function Change({ name, before, after }: { name: string; before: { inWords: string }; after: { inWords: string } }) {
  const isSame = before.inWords === after.inWords
  return (
    <tr>
      <th scope="row">{name}</th>
      <td data-label="Now">{before.inWords}</td>
      <td data-label="Afterwards">{isSame ? 'as now' : after.inWords}</td>
    </tr>
  )
}

function Warnings({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return null
  return (
    <ul class="warnings">
      {warnings.map((warning) => (
        <li key={warning}>
          <Mark tone="warn" /> <span>{warning}</span>
        </li>
      ))}
    </ul>
  )
}

/** The steps of a rollback that does by itself what takes a pass. */
export function WouldRollBack({ rehearsal }: { rehearsal: Rehearsal }) {
  const { steps, recordsLeft, secondsLeft } = rehearsal
  return (
    <>
      <p class="headline">{rehearsal.inWords}</p>
      <ol class="act-steps">
        {steps.map(({ number, what, note, seconds }) => (
          <li key={number}>
            {what}
            {seconds === null || seconds === 0 ? '' : `, about ${shownSeconds(seconds)}`}
            {note === null ? null : <span class="quiet"> ({note})</span>}
          </li>
        ))}
      </ol>
      <p>
        <strong>How far away that is:</strong> {recordsLeft === null ? '' : `${shownCount(recordsLeft)} records, `}
        {secondsLeft === 0 ? 'at once.' : `${awayIn(secondsLeft)}. It goes on by itself, and is shown under Rollbacks.`}
      </p>
    </>
  )
}

function awayIn(seconds: number | null): string {
  return seconds === null ? 'time unknown' : `about ${shownSeconds(seconds)}`
}

/** The act that lifts a refusal, where there is one: it opens in the place of the refused one. */
export function WhatHelps({ seen, collection }: { seen: Seen<unknown>; collection: string }) {
  const kind = seen.kind === 'refused' ? HELPS[seen.refusal.reason] : undefined
  if (kind === undefined) return null
  return (
    <p class="what-helps">
      <ActButton act={{ kind, collection }} tone="primary" />
    </p>
  )
}

const HELPS: { readonly [reason: string]: Extract<Act['kind'], 'backfill' | 'check-zero-loss'> } = {
  'target-not-full': 'backfill',
  'source-not-full': 'backfill',
  'zero-loss-not-proved': 'check-zero-loss',
}

/** No gate of a step by hand looks at the last comparison: whoever decides is told of it here. */
export function Differing({ of, state }: { of: string; state: DashboardState | null }) {
  const latest = state?.consistency?.find(({ collection }) => collection === of)?.latest ?? null
  const left = latest === null ? 0 : latest.mismatched - latest.repaired
  if (left <= 0) return null
  return (
    <p class="notice bad">
      <Mark tone="bad" /> The latest validation found {shownCounted(left, 'record')} of {of} that{' '}
      {left === 1 ? 'differs' : 'differ'} between the stores.
    </p>
  )
}

/** Why there is nothing to look at. */
export function NotSeen({ seen }: { seen: Exclude<Seen<unknown>, { kind: 'ok' }> }) {
  switch (seen.kind) {
    case 'looking':
      return (
        <p class="quiet">
          <Mark tone="busy" /> Asking what would happen…
        </p>
      )
    case 'refused':
      return (
        <p class="notice warn">
          <strong>This cannot be done now.</strong> {seen.refusal.inWords ?? seen.refusal.reason}
        </p>
      )
    case 'problem':
      return (
        <p class="notice bad">
          <strong>What would happen cannot be told.</strong> {seen.problem.message}
        </p>
      )
    case 'signed-out':
      return (
        <p class="notice bad">
          Your session is over. <a href="/">Sign in again.</a>
        </p>
      )
    case 'unreachable':
    case 'unknown':
      return (
        <p class="notice bad">
          <strong>What would happen cannot be told.</strong> {LOST[seen.because]}
        </p>
      )
  }
}

const LOST: { readonly [because in Lost]: string } = {
  'no-connection': 'The control plane cannot be reached.',
  'no-answer-in-time': 'The control plane does not answer in time.',
  'not-our-server': 'Something between this page and the control plane answers in its place.',
}
