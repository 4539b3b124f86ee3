import type { DashboardState, Part } from '../state.js'
import { shownCount, shownPercent, shownSeconds, shownSpan } from './format.js'
import { Id } from './id.js'
import { Empty, Mark, Missing, Panel, Pill } from './panel.js'
import { CAUSES, goalOf, ROLLBACK_STATUSES, STEP_STATUSES } from './rollback-words.js'
import { Time } from './time.js'

type Rollback = Part<'rollbacks'>['items'][number]

/** Each time something was taken back: what, from where to where, by whom and why, and what came of it. */
export function Rollbacks({ state }: { state: DashboardState }) {
  const { rollbacks } = state
  const real = rollbacks?.items.filter(({ rehearsal }) => !rehearsal) ?? []
  return (
    <Panel id="rollbacks" title="Rollback history" aside={asideOf(real, rollbacks?.next ?? null)}>
      {rollbacks === null ? (
        <Missing state={state} part="rollbacks" />
      ) : rollbacks.items.length === 0 ? (
        <Empty>
          Nothing was ever rolled back by a procedure. What went back at once, in one step, is in the audit trail.
        </Empty>
      ) : (
        <ol class="rollbacks">
          {rollbacks.items.map((one) => (
            <Entry key={one.rollbackId} of={one} />
          ))}
        </ol>
      )}
    </Panel>
  )
}

function asideOf(real: readonly Rollback[], next: string | null): string | undefined {
  const going = real.filter(({ status }) => status === 'under-way').length
  if (going > 0) return `${shownCount(going)} under way`
  return next === null ? undefined : 'the newest'
}

function Entry({ of }: { of: Rollback }) {
  const { component, status, rehearsal, cause, by, startedAt, endedAt, inWords, plansPaused, recorded } = of
  const { tone, word } = ROLLBACK_STATUSES[status]
  return (
    <li class={`rollback ${status}`}>
      <header>
        <h3>{component}</h3>
        <p>
          <From from={of.from} /> <span aria-hidden="true">→</span>
          <span class="hidden-visually">to</span> <strong>{goalOf(of)}</strong>
          {endedAt === null ? null : <span class="quiet"> in {shownSpan(startedAt, endedAt)}</span>}
        </p>
        {rehearsal ? <Pill tone="quiet">rehearsal: nothing was done</Pill> : <Pill tone={tone}>{word}</Pill>}
      </header>
      <p class="quiet">
        <Time at={startedAt} age /> · {CAUSES[cause.kind]} <strong>{by}</strong>
      </p>
      <p class="because">{reasonOf(of)}</p>
      {status === 'completed' || rehearsal ? null : (
        <p>
          <Mark tone={tone} /> {inWords}
          <Left of={of} />
        </p>
      )}
      {recorded ? null : (
        <p>
          <Mark tone="warn" /> Not in the ledger, which did not answer; the rest goes on when it does.
        </p>
      )}
      {plansPaused === null || plansPaused.length === 0 ? null : (
        <p class="quiet">
          {plansPaused.length === 1 ? 'A plan was' : 'Plans were'} paused for it: {plansPaused.join(', ')}.
        </p>
      )}
      <Steps of={of} />
    </li>
  )
}

/** Without the decision's id, which stands with the steps. */
function reasonOf({ reason, cause }: Rollback): string {
  return cause.decision === undefined ? reason : reason.replace(` (decision ${cause.decision})`, '')
}

function From({ from }: { from: Rollback['from'] }) {
  if (from === null) return <span class="quiet">from where is not known</span>
  if ('percent' in from) return <span>{shownPercent(from.percent)} on the new path</span>
  const { stage, targetReadPercent } = from
  const isPart = targetReadPercent > 0 && targetReadPercent < 100
  return (
    <span>
      {stage}
      {isPart ? <span class="quiet"> ({shownPercent(targetReadPercent)} of reads at the target)</span> : null}
    </span>
  )
}

function Left({ of: { recordsLeft, secondsLeft, status } }: { of: Rollback }) {
  if (status !== 'under-way') return null
  const parts = [
    ...(recordsLeft === null ? [] : [`${shownCount(recordsLeft)} records left`]),
    ...(secondsLeft === null ? [] : [`about ${shownSeconds(secondsLeft)}`]),
  ]
  return <span> {parts.length === 0 ? 'How long it still takes is not known.' : `${parts.join(', ')}.`}</span>
}

function Steps({ of: { steps, rollbackId, procedure, rehearsal, cause } }: { of: Rollback }) {
  return (
    <details class="procedure">
      <summary>
        {rehearsal ? 'What it would do' : 'What was done'}, step by step{' '}
        <span class="hidden-visually">, {rollbackId}</span>
      </summary>
      <ol>
        {steps.map(({ number, what, status, note, seconds }) => (
          <li key={number}>
            <Mark tone={STEP_STATUSES[status].tone} /> {what}: {STEP_STATUSES[status].word}
            {seconds === null || seconds < 1 ? '' : `, ${rehearsal ? 'about ' : ''}${shownSeconds(seconds)}`}
            {note === null ? null : <p class="quiet">{note}</p>}
          </li>
        ))}
      </ol>
      <p class="quiet">
        Procedure {procedure} · <Id of={rollbackId} />
        {cause.decision === undefined ? null : (
          <>
            {' '}
            · decision <Id of={cause.decision} />
          </>
        )}
      </p>
    </details>
  )
}
