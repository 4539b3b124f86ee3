import { ActButton } from './act.js'
import { Course, Track } from './course.js'
import { Decisions } from './decisions.js'
import { shownSeconds } from './format.js'
import { Mark, Pill } from './panel.js'
import { failInWords, PLAN_STATUSES, type PlanState } from './plan-words.js'
import { Time } from './time.js'

export function Plan({ plan }: { plan: PlanState }) {
  const { name, collections, components, status, stepNumber, steps, timeScale, course, history, waiting } = plan
  const { tone, word } = PLAN_STATUSES[status]
  const title = `plan-${name}`
  const subject = `plan ${name}`
  return (
    <article class="plan" aria-labelledby={title}>
      <header>
        <h3 id={title}>{name}</h3>
        <Pill tone={tone}>{word}</Pill>
        <div class="actions">
          {status === 'running' ? <ActButton act={{ kind: 'pause-plan', planId: name, subject }} /> : null}
          {status === 'paused' || status === 'turned-back' ? (
            <ActButton act={{ kind: 'resume-plan', planId: name, subject }} />
          ) : null}
        </div>
      </header>
      <p class="quiet">
        {[...collections, ...components].join(', ')} · step {stepNumber} of {steps}
        {timeScale === 1 ? '' : ` · a rehearsal: time runs ${timeScale.toLocaleString('en-US')} times as fast`}
      </p>
      <Track label={`Steps of ${name}`} course={course} stepNumber={stepNumber} status={status} />
      {waiting === null ? null : <Waits waiting={waiting} isHeldUp={status !== 'running'} />}
      {status === 'running' ? null : <Why plan={plan} />}
      <Step plan={plan} />
      <Course plan={plan} />
      <Decisions of={name} decisions={history.map(({ step, ...rest }) => ({ ...rest, about: step }))} />
    </article>
  )
}

/** What it waits for, and since when: the one line that is looked for first. */
export function Waits({ waiting, isHeldUp, others = 'gate' }: WaitsProps) {
  const { inWords, since, more } = waiting
  return (
    <p class={`waits ${isHeldUp ? 'held' : ''}`}>
      <Mark tone={isHeldUp ? 'warn' : 'busy'} />
      <span>
        <strong>Waits for</strong> {inWords}
        {more === 0 ? '' : `, and ${more} more ${more === 1 ? others : `${others}s`}`}{' '}
        <span class="quiet">
          since <Time at={since} age />
        </span>
      </span>
    </p>
  )
}

interface WaitsProps {
  waiting: NonNullable<PlanState['waiting']>
  /** It waits for somebody, not for evidence or time. */
  isHeldUp: boolean
  /** What `more` counts. */
  others?: string
}

/** The decision that brought it where it stands. */
function Why({ plan: { history, status } }: { plan: PlanState }) {
  const last = [...history].reverse().find(({ kind }) => kind === `plan-${status}`) ?? history.at(-1)
  if (last === undefined) return null
  return (
    <p class="because">
      <span class="quiet">
        By {last.by} at <Time at={last.at} />:
      </span>{' '}
      {last.reason}
    </p>
  )
}

function Step({ plan: { course, stepNumber, soakLeftMs, timeScale, status } }: { plan: PlanState }) {
  const step = course[stepNumber - 1]
  const next = course[stepNumber]
  if (step === undefined || status === 'finished') return null
  const soakSeconds = step.soakMs / timeScale / 1_000
  const gates = [...step.gate, ...(soakSeconds > 0 ? [`${shownSeconds(soakSeconds)} of soak time`] : [])]
  return (
    <dl class="step">
      <dt>Does</dt>
      <dd>
        <strong>{step.name}</strong>: {step.does}
      </dd>
      <dt>Goes on with</dt>
      <dd>
        {gates.length === 0 ? 'nothing but its own end' : gates.join('; ')}
        {soakLeftMs > 0 ? ` (${shownSeconds(soakLeftMs / 1_000)} left)` : ''}
      </dd>
      <dt>If a gate fails</dt>
      <dd>{failInWords(step)}</dd>
      <dt>Then</dt>
      <dd>{next === undefined ? 'it is finished' : `${next.name}: ${next.does}`}</dd>
    </dl>
  )
}

/** Those that are through, a line each. */
export function FinishedPlans({ plans }: { plans: readonly PlanState[] }) {
  if (plans.length === 0) return null
  return (
    <details class="finished">
      <summary>{plans.length === 1 ? '1 finished plan' : `${plans.length} finished plans`}</summary>
      <ul>
        {plans.map(({ name, collections, components, steps, history }) => {
          const end = history.at(-1)
          return (
            <li key={name}>
              <Mark tone="good" /> {name}:{' '}
              <span class="quiet">
                {[...collections, ...components].join(', ')}, {steps} {steps === 1 ? 'step' : 'steps'}
                {end === undefined ? null : (
                  <>
                    , <Time at={end.at} age />
                  </>
                )}
              </span>
            </li>
          )
        })}
      </ul>
    </details>
  )
}
