import { shownSeconds } from './format.js'
import { Mark } from './panel.js'
import { failInWords, type PlanState } from './plan-words.js'

type Steps = PlanState['course']

/** All steps in a row, by their days: done, this one, to come. Their names are in the list below, and read out. */
export function Track({ label, course, stepNumber, status }: TrackProps) {
  const isFinished = status === 'finished'
  return (
    <ol class={`steps ${status}`} aria-label={label}>
      {course.map((step, at) => {
        const place = placeOf(at, stepNumber, isFinished)
        const isNewDay = step.day !== course[at - 1]?.day
        return (
          <li key={`${at} ${step.name}`} class={place} title={`${step.name}: ${step.does} (${WORDS[place]})`}>
            <span class="hidden-visually">
              {step.name}, {WORDS[place]}
            </span>
            <small aria-hidden="true">
              {isNewDay && hasDays(course) ? (
                <>
                  <span>day </span>
                  {step.day}
                </>
              ) : null}
            </small>
          </li>
        )
      })}
    </ol>
  )
}

interface TrackProps {
  label: string
  course: Steps
  stepNumber: number
  status: PlanState['status']
}

/** Every step with what it does, what it is left on, and where it leads back. */
export function Course({ plan: { course, stepNumber, status, timeScale } }: { plan: PlanState }) {
  return (
    <details class="course">
      <summary>
        All {course.length} steps: {stepNumber - (status === 'finished' ? 0 : 1)} done
      </summary>
      <ol>
        {course.map((step, at) => {
          const place = placeOf(at, stepNumber, status === 'finished')
          const soak = step.soakMs / timeScale / 1_000
          return (
            <li key={`${at} ${step.name}`} class={place} aria-current={place === 'here' ? 'step' : undefined}>
              <Mark tone={place === 'done' ? 'good' : place === 'here' ? 'busy' : 'quiet'} />
              <div>
                <strong>{step.name}</strong> <span class="quiet">{WORDS[place]}</span>
                <p>{step.does}</p>
                <p class="quiet">
                  {[...step.gate, ...(soak > 0 ? [`${shownSeconds(soak)} of soak time`] : [])].join('; ')}
                </p>
                <p class="quiet">If a gate fails: {failInWords(step)}.</p>
              </div>
            </li>
          )
        })}
      </ol>
    </details>
  )
}

type Place = 'done' | 'here' | 'ahead'

function placeOf(at: number, stepNumber: number, isFinished: boolean): Place {
  if (isFinished || at + 1 < stepNumber) return 'done'
  return at + 1 === stepNumber ? 'here' : 'ahead'
}

const WORDS: { readonly [place in Place]: string } = { done: 'done', here: 'now', ahead: 'to come' }

/** Steps that were given no days are all on one. */
function hasDays(course: Steps): boolean {
  return new Set(course.map(({ day }) => day)).size > 1
}
