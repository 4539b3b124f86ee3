import type { DashboardState, Part } from '../state.js'
import { Comparisons } from './comparisons.js'
import { BECAUSE, EXPERIMENT_STATUSES, RECOMMENDATIONS } from './experiment-words.js'
import { shownCount, shownPercent } from './format.js'
import { Empty, Mark, Missing, Panel, Pill } from './panel.js'
import { Time } from './time.js'

export type Experiment = Part<'experiments'>[number]
type Analysis = NonNullable<NonNullable<Experiment['found']>['analysis']>

/** What is tried on some of the subjects, what the numbers say so far, and whether they allow one to say anything. */
export function Experiments({ state }: { state: DashboardState }) {
  const { experiments } = state
  return (
    <Panel id="experiments" title="Experiments">
      {experiments === null ? (
        <Missing state={state} part="experiments" />
      ) : experiments.length === 0 ? (
        <Empty>
          There is no experiment. One compares two ways of doing a thing on subjects that were dealt to them by chance (
          <code>put-experiment</code>).
        </Empty>
      ) : (
        [...experiments].sort(runningFirst).map((one) => <OneExperiment key={one.name} of={one} />)
      )}
    </Panel>
  )
}

function runningFirst(a: Experiment, b: Experiment): number {
  return ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || (a.name < b.name ? -1 : 1)
}

const ORDER: readonly Experiment['status'][] = ['running', 'draft', 'stopped']

function OneExperiment({ of }: { of: Experiment }) {
  const { name, component, description, status, cohorts, startedAt, stoppedAt, conclusion, found } = of
  const { tone, word } = EXPERIMENT_STATUSES[status]
  const title = `experiment-${name}`
  const [control, ...treatments] = cohorts.map((cohort) => cohort.name)
  return (
    <article class="experiment" aria-labelledby={title}>
      <header>
        <h3 id={title}>{name}</h3>
        <Pill tone={tone}>{word}</Pill>
      </header>
      <p class="quiet">
        {treatments.join(', ')} against {control}, on {component}
        {startedAt === null ? null : (
          <>
            {' '}
            · begun <Time at={startedAt} age />
          </>
        )}
        {stoppedAt === null ? null : (
          <>
            , stopped <Time at={stoppedAt} age />
          </>
        )}
      </p>
      {description === '' ? null : <p>{description}</p>}
      {(found?.recommendations ?? conclusion?.recommendations ?? []).map((one) => (
        <Recommendation key={one.treatment} of={one} />
      ))}
      {conclusion === null ? null : (
        <p class="because">
          <span class="quiet">Stopped by {conclusion.by}:</span> {conclusion.reason}
        </p>
      )}
      <Found of={of} />
    </article>
  )
}

function Recommendation({ of }: { of: NonNullable<Experiment['found']>['recommendations'][number] }) {
  const { treatment, recommendation, because, metrics, missing } = of
  const { tone, word } = RECOMMENDATIONS[recommendation]
  return (
    <div class="recommendation">
      <p>
        <Pill tone={tone}>{word}</Pill> <strong>{treatment}</strong>: {BECAUSE[because] ?? because}
        {metrics.length === 0 ? '' : ` (${metrics.join(', ')})`}.
      </p>
      {missing.length === 0 ? null : (
        <ul class="quiet">
          {missing.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Found({ of }: { of: Experiment }) {
  const { found, startedAt } = of
  if (startedAt === null) return <p class="quiet">It has not begun: nobody is counted yet.</p>
  const analysis = found?.analysis ?? null
  if (analysis === null)
    return (
      <p class="quiet">
        Not enough evidence: nothing was analysed yet. The cron does so every five minutes where there is anything new.
      </p>
    )
  return (
    <>
      <Comparisons of={of} comparisons={analysis.comparisons} />
      <SampleRatio of={of} analysis={analysis} />
    </>
  )
}

/** Whether chance has dealt the subjects as it should have. If not, no number above means anything. */
function SampleRatio({ of: { cohorts }, analysis }: { of: Experiment; analysis: Analysis }) {
  const { sampleRatio, subjects, at } = analysis
  const isOff = sampleRatio.some(({ mismatch }) => mismatch)
  const dealt = sampleRatio.find((check) => check.of === 'subjects')
  return (
    <p class="quiet">
      <Mark tone={isOff ? 'bad' : subjects === 0 ? 'quiet' : 'good'} />{' '}
      {isOff ? (
        <strong class="off">Sample-ratio mismatch: nothing can be concluded from these numbers.</strong>
      ) : subjects === 0 ? (
        'Sample ratio: not enough evidence, nobody is counted yet.'
      ) : (
        'Sample ratio as dealt.'
      )}{' '}
      {dealt === undefined || subjects === 0
        ? null
        : `${cohorts
            .map(
              ({ name }, at) => `${name} ${shownCount(dealt.counts[at] ?? null)} (${shareOf(dealt.shares[at])} dealt)`,
            )
            .join(', ')}. `}
      Analysed <Time at={at} age />.
    </p>
  )
}

function shareOf(share: number | undefined): string {
  return shownPercent(share === undefined ? null : share * 100)
}
