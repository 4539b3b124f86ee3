import type { DashboardState, RunState } from '../state.js'
import { ActButton } from './act.js'
import { shownCount, shownPercent, shownRate, shownSeconds, shownSpan } from './format.js'
import { Id } from './id.js'
import { Empty, Mark, Missing, Panel, Pill } from './panel.js'
import { Progress } from './progress.js'
import { outcomeOf, setAside, titleOfRun } from './run-words.js'
import { Shards } from './shards.js'
import { Time } from './time.js'

/** What works through the records now, how far it is, and what the last ones have come to. */
export function Runs({ state }: { state: DashboardState }) {
  const { runs } = state
  return (
    <Panel id="runs" title="Runs" aside={runs === null || runs.length === 0 ? undefined : countsInWords(runs)}>
      {runs === null ? (
        <Missing state={state} part="runs" />
      ) : runs.length === 0 ? (
        <Empty>
          No run is under way. A back-fill copies what is there, a validation compares both stores: one is begun at its
          collection, or by a plan.
        </Empty>
      ) : (
        <ul class="runs">
          {runs.map((run) => (
            <Run key={run.runId} run={run} />
          ))}
        </ul>
      )}
      <Ended state={state} />
    </Panel>
  )
}

function countsInWords(runs: readonly RunState[]): string {
  const paused = runs.filter(({ status }) => status === 'paused').length
  const going = runs.length - paused
  const parts = [...(going === 0 ? [] : [`${going} under way`]), ...(paused === 0 ? [] : [`${paused} paused`])]
  return parts.join(', ')
}

function Run({ run }: { run: RunState }) {
  const { status, reason, progress, startedBy, startedFor, createdAt, runId, shards } = run
  const title = titleOfRun(run)
  const isPaused = status === 'paused'
  const { done, total } = progress
  return (
    <li class={`run ${status}`}>
      <header>
        <h3>{title}</h3>
        <Pill tone={isPaused ? 'warn' : 'busy'}>{isPaused ? 'paused' : 'running'}</Pill>
        <div class="actions">
          {isPaused ? (
            <ActButton act={{ kind: 'resume-run', runId, subject: title }} />
          ) : (
            <ActButton act={{ kind: 'pause-run', runId, subject: title }} />
          )}
          <ActButton act={{ kind: 'cancel-run', runId, subject: title }} />
        </div>
      </header>
      <Progress label={title} done={done} total={total} />
      <p class="far">
        <FarInWords progress={progress} isPaused={isPaused} />
      </p>
      {reason === null ? null : (
        <p class="because">
          <Mark tone={isPaused ? 'warn' : 'quiet'} /> {reason}
        </p>
      )}
      <Aside run={run} />
      {shards.length > 1 ? <Shards title={title} shards={shards} /> : null}
      <p class="quiet begun">
        Begun by {startedBy} at <Time at={createdAt} age />: {startedFor} · <Id of={runId} />
      </p>
    </li>
  )
}

function FarInWords({ progress, isPaused }: { progress: RunState['progress']; isPaused: boolean }) {
  const { done, total, perSecond, secondsLeft } = progress
  const isMeasured = total !== null && total > 0
  return (
    <>
      <strong>{isMeasured ? shownPercent((100 * Math.min(done, total)) / total) : shownCount(done)}</strong>
      <span>
        {isMeasured ? `${shownCount(done)} of ${shownCount(total)} records` : 'done, of a number that is not known'}
      </span>
      <span>
        {perSecond === null ? 'rate not known yet' : `${shownRate(perSecond)}${isPaused ? ' when it ran' : ''}`}
      </span>
      <span>
        {secondsLeft === null
          ? 'time left not known yet'
          : `${shownSeconds(secondsLeft)} left${isPaused ? ' once resumed' : ''}`}
      </span>
    </>
  )
}

function Aside({ run }: { run: RunState }) {
  const count = setAside(run)
  if (count === 0) return null
  return (
    <p class="because">
      <Mark tone="warn" /> {shownCount(count)} {count === 1 ? 'record was' : 'records were'} set aside after repeated
      failures (<code>list-dead-letters</code>).
    </p>
  )
}

/** As many are in sight; the earlier ones are folded away. */
const ENDED_SHOWN = 4

function Ended({ state }: { state: DashboardState }) {
  const { latestRuns } = state
  const ended = endedOf(latestRuns ?? [])
  if (latestRuns !== null && ended.length === 0) return null
  const [shown, earlier] = [ended.slice(0, ENDED_SHOWN), ended.slice(ENDED_SHOWN)]
  return (
    <section class="ended" aria-labelledby="ended-runs">
      <h3 id="ended-runs">Ended</h3>
      {latestRuns === null ? <Missing state={state} part="latestRuns" /> : <EndedRuns runs={shown} />}
      {earlier.length === 0 ? null : (
        <details>
          <summary>{shownCount(earlier.length)} earlier</summary>
          <EndedRuns runs={earlier} />
        </details>
      )}
    </section>
  )
}

/** Those that came to an end last come first. */
function endedOf(runs: readonly RunState[]): RunState[] {
  const at = ({ endedAt }: RunState): number => (endedAt === null ? 0 : Date.parse(endedAt))
  return runs.filter(({ endedAt }) => endedAt !== null).sort((a, b) => at(b) - at(a))
}

function EndedRuns({ runs }: { runs: readonly RunState[] }) {
  return (
    <ol>
      {runs.map((run) => (
        <EndedRun key={run.runId} run={run} />
      ))}
    </ol>
  )
}

function EndedRun({ run }: { run: RunState }) {
  const { tone, word, inWords } = outcomeOf(run)
  const { createdAt, endedAt, startedBy, startedFor, runId } = run
  const count = setAside(run)
  return (
    <li>
      <p class="what">
        <strong title={runId}>{titleOfRun(run)}</strong> <Pill tone={tone}>{word}</Pill>
        {count === 0 ? null : <Pill tone="warn">{shownCount(count)} set aside</Pill>}
      </p>
      {inWords === null ? null : <p>{inWords}</p>}
      <p class="quiet">
        {endedAt === null ? null : <Time at={endedAt} age />}, took {shownSpan(createdAt, endedAt)} · by {startedBy}:{' '}
        {startedFor}
      </p>
    </li>
  )
}
