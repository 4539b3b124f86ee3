import type { DashboardState, Part } from '../state.js'
import { ActButton } from './act.js'
import { shownCount, shownSeconds } from './format.js'
import { Mark, Missing, Panel, Pill, type Tone } from './panel.js'
import { Time } from './time.js'

type Breaker = Part<'breakers'>['items'][number]

/** What is not well, in sentences; whether each store is asked at all; and whether everything is stopped. */
export function Health({ state }: { state: DashboardState }) {
  const { health, breakers } = state
  const issues = health?.issues ?? []
  const aside =
    health === null ? undefined : (
      <Pill tone={health.healthy ? 'good' : 'bad'}>{health.healthy ? 'well' : issuesInWords(issues)}</Pill>
    )
  return (
    <Panel id="health" title="Health" aside={aside} {...(issues.length > 0 ? { tone: 'bad' as const } : {})}>
      <Stop state={state} />
      {health === null ? (
        <Missing state={state} part="health" />
      ) : issues.length === 0 ? (
        <p>Both stores of every collection answer, nothing waits for anybody, and no alert is unattended.</p>
      ) : (
        <ul class="issues">
          {issues.map((issue) => (
            <li key={issue}>
              <Mark tone="bad" /> {issue}
            </li>
          ))}
        </ul>
      )}
      <h3>Are the stores asked?</h3>
      {breakers === null ? (
        <Missing state={state} part="breakers" />
      ) : (
        <dl class="breakers">
          {breakers.items.map((breaker) => (
            <Store key={breaker.store} breaker={breaker} />
          ))}
        </dl>
      )}
    </Panel>
  )
}

function issuesInWords({ length }: readonly string[]): string {
  return length === 1 ? '1 issue' : `${length} issues`
}

function Stop({ state }: { state: DashboardState }) {
  const stop = state.emergencyStop
  if (stop === null) return <Missing state={state} part="emergencyStop" />
  if (stop.kind === 'none') return null
  return (
    <div class="notice bad stop" role="alert">
      <p>
        <strong>Everything is stopped</strong> since <Time at={stop.since} age />, by {stop.by}: {stop.reason}
      </p>
      {stop.again.length === 0 ? null : (
        <p>
          Called for again {stop.again.length === 1 ? 'once' : `${stop.again.length} times`} since, last by{' '}
          {stop.again.at(-1)?.by}.
        </p>
      )}
      <p>
        {stop.open.length === 0
          ? 'All of it is done: nothing advances until it is lifted.'
          : `Not done yet: ${stop.open.join(', ')}. It goes on by itself.`}
      </p>
      <ActButton act={{ kind: 'lift-emergency-stop' }} />
    </div>
  )
}

function Store({ breaker }: { breaker: Breaker }) {
  const { tone, word } = standOf(breaker)
  const { store, here, shared, forced } = breaker
  return (
    <>
      <dt>
        {store} <Pill tone={tone}>{word}</Pill>
      </dt>
      <dd>
        {here === null ? null : <p>{hereInWords(here)}</p>}
        {forced === null ? null : forced === 'unreachable' ? (
          <p>Whether somebody has ordered it to be left alone cannot be told now.</p>
        ) : (
          <p>
            Left alone by order of {forced.by} since <Time at={forced.at} age />: {forced.reason}
          </p>
        )}
        {shared === null ? null : shared === 'unreachable' ? (
          <p>What other instances know of it cannot be told now.</p>
        ) : shared.state === 'open' ? (
          <p>
            Instances have told each other since <Time at={shared.since} age /> that it fails ({inWords(shared.because)}
            ); it is tried again at <Time at={shared.nextAt} />, after {shownCount(shared.attempt)} tries.
          </p>
        ) : null}
      </dd>
    </>
  )
}

function standOf({ here, shared, forced }: Breaker): { tone: Tone; word: string } {
  if (forced !== null && forced !== 'unreachable') return { tone: 'bad', word: 'left alone by order' }
  if (here?.state === 'half-open') return { tone: 'warn', word: 'being tried' }
  const open = here?.state === 'open' || (shared !== null && shared !== 'unreachable' && shared.state === 'open')
  if (open) return { tone: 'bad', word: 'not asked' }
  return here === null && shared === null ? { tone: 'quiet', word: 'not known' } : { tone: 'good', word: 'asked' }
}

function hereInWords({ state, because, opened, refused, forMs }: NonNullable<Breaker['here']>): string {
  const since = `for ${shownSeconds(forMs / 1_000)}`
  const before =
    opened === 0
      ? ''
      : ` It was let go ${opened === 1 ? 'once' : `${shownCount(opened)} times`} before, and ${shownCount(refused)} requests were not sent.`
  const why = because === null ? '' : `: ${inWords(because)}`
  if (state === 'open') return `This instance does not ask it ${since}${why}.${before}`
  if (state === 'half-open') return `This instance tries it with one harmless question ${since}${why}.${before}`
  return `This instance asks it as usual ${since}.${before}`
}

function inWords(literal: string): string {
  return literal.replaceAll('-', ' ')
}
