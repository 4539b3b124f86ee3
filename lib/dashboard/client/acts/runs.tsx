import { useState } from 'preact/hooks'
import type { RunStatus } from '../../../core/run.js'
import type { Act } from '../../page/act.js'
import { shownCount, shownSeconds } from '../../page/format.js'
import { Mark } from '../../page/panel.js'
import type { RunState } from '../../state.js'
import { lastOf } from './audited.js'
import { ActForm, type ActProps, type Moved } from './form.js'

type Kind = 'pause-run' | 'resume-run' | 'cancel-run'

/** Pauses, resumes or ends a run. */
export function SteerRun({ act, ...props }: ActProps & { act: Extract<Act, { kind: Kind }> }) {
  const { kind, runId, subject } = act
  const run = runIn(props, runId)
  const [seen, setSeen] = useState<RunStatus | null>(run?.status ?? null)
  const isChanged = run !== null && seen !== null && run.status !== seen
  const isFitting = run === null || FITTING[kind].includes(run.status)
  return (
    <ActForm
      {...props}
      title={`${WORDS[kind].verb} the ${subject}`}
      wish={{ kind, runId }}
      blocked={isFitting ? null : `The run is ${run?.status}: there is nothing to ${WORDS[kind].verb.toLowerCase()}.`}
      toType={kind === 'cancel-run' ? (run?.collection ?? 'CANCEL') : null}
      moved={isChanged ? changed(run) : null}
      again={() => setSeen(run?.status ?? null)}
      confirm={`${WORDS[kind].verb} it`}
      tone={kind === 'cancel-run' ? 'danger' : 'primary'}
      presets={WORDS[kind].presets}
    >
      <section class="happening" aria-label="What will happen">
        <h3>What will happen</h3>
        <Standing run={run} />
        <p>{effectInWords(kind, run)}</p>
      </section>
    </ActForm>
  )
}

const FITTING: { readonly [kind in Kind]: readonly RunStatus[] } = {
  'pause-run': ['running'],
  'resume-run': ['paused'],
  'cancel-run': ['running', 'paused'],
}

const WORDS: { readonly [kind in Kind]: { verb: string; presets: readonly string[] } } = {
  'pause-run': { verb: 'Pause', presets: ['Too much load', 'Quiet hours', 'Something looks wrong'] },
  'resume-run': { verb: 'Resume', presets: ['The load is over', 'Looked at, and well'] },
  'cancel-run': { verb: 'Cancel', presets: ['Not needed any more', 'Started by mistake'] },
}

function effectInWords(kind: Kind, run: RunState | null): string {
  if (kind === 'pause-run') {
    const batch = run === null ? '' : ` of ${shownCount(run.batchSize)} records`
    return `It stops after the batch${batch} that it is at, and keeps its place. Nothing is lost; resuming goes on from there.`
  }
  if (kind === 'resume-run') return `It goes on where it stood${leftInWords(run)}.`
  const rest = run?.kind === 'backfill' ? ' It proves nothing then: the target is not known to be full.' : ''
  return `It ends for good${leftInWords(run)}; what it has moved stays moved.${rest} To go on, one starts a new run.`
}

function leftInWords(run: RunState | null): string {
  if (run === null || run.progress.total === null) return ''
  return `, with ${shownCount(Math.max(0, run.progress.total - run.progress.done))} records left`
}

function Standing({ run }: { run: RunState | null }) {
  if (run === null)
    return (
      <p class="missing">
        <Mark tone="warn" /> How the run stands cannot be told now.
      </p>
    )
  const { done, total, perSecond, secondsLeft } = run.progress
  return (
    <p>
      It is {run.status}: {shownCount(done)}
      {total === null ? '' : ` of ${shownCount(total)}`} records
      {perSecond === null ? '' : `, ${shownCount(perSecond)} a second`}
      {secondsLeft === null ? '' : `, ${shownSeconds(secondsLeft)} left`}.
    </p>
  )
}

function changed({ runId, status }: RunState): Moved {
  return {
    inWords: `The run is ${status} since you looked.`,
    find: () => lastOf(['pause-run', 'resume-run', 'cancel-run'], runId),
  }
}

function runIn({ state }: ActProps, id: string): RunState | null {
  return [...(state?.runs ?? []), ...(state?.latestRuns ?? [])].find(({ runId }) => runId === id) ?? null
}
