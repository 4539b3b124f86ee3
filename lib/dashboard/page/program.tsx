import type { Part } from '../state.js'
import { ActButton } from './act.js'
import { Track } from './course.js'
import { Decisions } from './decisions.js'
import { Mark, Pill } from './panel.js'
import { Waits } from './plan.js'
import { PHASE_STATUSES, type PlanState, PROGRAM_STATUSES } from './plan-words.js'
import { Time } from './time.js'

type ProgramState = Part<'programs'>[number]
type PhaseState = ProgramState['phases'][number]

/** A program: its phases as they depend on one another, each with its plan. */
export function Program({ program, plans }: { program: ProgramState; plans: readonly PlanState[] }) {
  const { name, status, because, parallel, timeScale, phases, waiting, history, startedAt, endedAt } = program
  const { tone, word } = PROGRAM_STATUSES[status]
  const title = `program-${name}`
  const done = phases.filter((phase) => phase.status === 'finished' || phase.status === 'skipped').length
  return (
    <article class="plan program" aria-labelledby={title}>
      <header>
        <h3 id={title}>{name}</h3>
        <Pill tone={tone}>{word}</Pill>
        <div class="actions">
          {status === 'running' ? <ActButton act={{ kind: 'pause-program', program: name }} /> : null}
          {status === 'paused' ? <ActButton act={{ kind: 'resume-program', program: name }} /> : null}
        </div>
      </header>
      <p class="quiet">
        Program · {done} of {phases.length} {phases.length === 1 ? 'phase' : 'phases'} done, at most {parallel} at once
        · begun <Time at={startedAt} age />
        {endedAt === null ? null : (
          <>
            , ended <Time at={endedAt} age />
          </>
        )}
        {timeScale === 1 ? '' : ` · a rehearsal: time runs ${timeScale.toLocaleString('en-US')} times as fast`}
      </p>
      {waiting === null ? null : <Waits waiting={waiting} isHeldUp={status !== 'running'} others="waiting phase" />}
      {because === null || status === 'running' ? null : <p class="because">{because}</p>}
      <ol class="phases" aria-label={`Phases of ${name}`}>
        {phases.map((phase) => (
          <Phase key={phase.name} phase={phase} plan={plans.find((plan) => plan.name === phase.plan) ?? null} />
        ))}
      </ol>
      <Decisions of={name} decisions={history.map(({ phase, ...rest }) => ({ ...rest, about: phase }))} />
    </article>
  )
}

function Phase({ phase, plan }: { phase: PhaseState; plan: PlanState | null }) {
  const { name, description, status, because, dependsOn, components, attempt, waitsFor, next, onFail } = phase
  const { tone, word } = PHASE_STATUSES[status]
  const isOver = status === 'finished' || status === 'skipped'
  return (
    <li class={`phase ${status}`}>
      <Mark tone={tone} />
      <div>
        <p>
          <strong>{name}</strong> <span class={`state ${tone}`}>{word}</span>{' '}
          <span class="quiet">
            {[
              ...(components.length === 1 && components[0] === name ? [] : [components.join(', ')]),
              ...(dependsOn.length === 0 ? [] : [`after ${dependsOn.join(', ')}`]),
              ...(attempt > 1 ? [`attempt ${attempt}`] : []),
            ].join(' · ')}
          </span>
        </p>
        {description === '' ? null : <p class="quiet">{description}</p>}
        {because === null ? null : <p class="because">{because}</p>}
        {isOver ? null : <Standing phase={phase} plan={plan} />}
        {isOver || waitsFor.length === 0 ? null : <p>Waits for {waitsFor.join('; ')}.</p>}
        {isOver || next === 'nothing' ? null : <p class="quiet">Next: {next}.</p>}
        {isOver || status === 'waiting' ? null : (
          <p class="quiet">
            If a gate fails:{' '}
            {onFail === 'turn-back' ? 'this phase turns back' : 'it turns back, with all that depend on it'}.
          </p>
        )}
      </div>
    </li>
  )
}

function Standing({ phase: { name, step }, plan }: { phase: PhaseState; plan: PlanState | null }) {
  if (step === null) return null
  const { number, of } = step
  return (
    <>
      {plan === null ? null : (
        <Track label={`Steps of ${name}`} course={plan.course} stepNumber={number} status={plan.status} />
      )}
      <p>
        Step {number} of {of}: {step.name}
      </p>
    </>
  )
}
