import type { DashboardState, RunState } from '../state.js'
import { ActButton } from './act.js'
import { shownCount, shownPercent, shownRate, shownSeconds, shownSpan } from './format.js'
import { Id } from './id.js'
import { Empty, Mark, Missing, Panel, Pill } from './panel.js'
import { Progress } from './progress.js'
import { outcomeOf, setAside, titleOfRun } from './run-words.js'
import { Shards } from './shards.js'
import { Table } from './table.js'
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

function Ended({ state }: { state: DashboardState }) {
  const { latestRuns } = state
  if (latestRuns === null)
    return (
      <section class="ended" aria-label="Ended runs">
        <h3>Ended</h3>
        <Missing state={state} part="latestRuns" />
      </section>
    )
  const ended = latestRuns.filter(({ endedAt }) => endedAt !== null)
  if (ended.length === 0) return null
  return (
    <details class="ended" open={state.runs?.length === 0}>
      <summary>
        <h3>Ended</h3> <span class="quiet">the last {ended.length === 1 ? 'one' : shownCount(ended.length)}</span>
      </summary>
      <Table
        caption="Runs that have ended, newest first"
        columns={['Run', 'Outcome', 'Ended', { title: 'Took', isNumber: true }]}
      >
        {ended.map((run) => (
          <EndedRun key={run.runId} run={run} />
        ))}
      </Table>
    </details>
  )
}

function EndedRun({ run }: { run: RunState }) {
  const { tone, word, inWords } = outcomeOf(run)
  const { createdAt, endedAt, startedBy, startedFor, runId } = run
  const count = setAside(run)
  return (
    <tr>
      <th scope="row">
        <span title={`${startedFor} (${runId})`}>{titleOfRun(run)}</span>
        <br />
        <small>by {startedBy}</small>
      </th>
      <td class="outcome">
        <Pill tone={tone}>{word}</Pill> {count === 0 ? null : <Pill tone="warn">{shownCount(count)} set aside</Pill>}
        {inWords === null ? null : <small>{inWords}</small>}
      </td>
      <td>{endedAt === null ? null : <Time at={endedAt} age />}</td>
      <td class="number">{shownSpan(createdAt, endedAt)}</td>
    </tr>
  )
}
