import { useMemo, useRef, useState } from 'preact/hooks'
import { Mark } from '../../page/panel.js'
import { useSteering } from '../../page/steering.js'
import { shownTime, Time } from '../../page/time.js'
import type { DashboardState, Part } from '../../state.js'
import { type Asked, type Found, usePerformance } from './ask.js'
import { Chart } from './chart.js'
import { Choosers } from './choosers.js'
import { useLooking, useScheme } from './looking.js'
import { heldOf, type Mark as StageMark } from './marks.js'
import { isEmpty, latestOf, MEASURES, type Plotted, shownFigure } from './series.js'
import { FigureTable } from './table.js'

/** How both paths of a component have done over time, below each other on one time axis. */
export function Charts({ state }: { state: DashboardState }) {
  const components = state.components ?? []
  const [name, choose] = useState<string | null>(null)
  const [operation, operate] = useState<string | null>(null)
  const [minutes, look] = useState(15)
  const box = useRef<HTMLDivElement>(null)
  const looking = useLooking(box)
  const component = components.find((one) => one.name === name) ?? busiest(components)
  if (component === undefined) return null
  const asked = { component: component.name, paths: component.paths.map(({ path }) => path), operation, minutes }
  return (
    <div class="charts" ref={box}>
      <Asking
        {...{ asked, looking, components, choose, operate, look }}
        news={state.audit?.items[0]?.position ?? ''}
        stage={component.kind === 'collection' ? component.stage : null}
      />
    </div>
  )
}

interface AskingProps {
  asked: Asked
  looking: boolean
  /** Changes when the audit trail does. */
  news: string
  stage: string | null
  components: Part<'components'>
  choose: (component: string) => void
  operate: (operation: string) => void
  look: (minutes: number) => void
}

function Asking({ asked, looking, news, stage, ...choosing }: AskingProps) {
  const { found, busy, fault, again } = usePerformance(asked, looking, news)
  return (
    <>
      <Choosers {...choosing} asked={asked} found={found} busy={busy} />
      {found.kind === 'loading' ? (
        <p class="charts-state" role="status">
          <Mark tone="busy" /> Asking what was measured…
        </p>
      ) : found.kind === 'failed' ? (
        <div class="charts-state">
          <p class="missing" role="alert">
            <Mark tone="warn" /> What was measured could not be read. {found.because}
          </p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </div>
      ) : (
        <div class={busy ? 'outdated' : ''} aria-busy={busy}>
          {fault === null ? null : (
            <p class="missing" role="status">
              <Mark tone="warn" /> Not up to date: {fault} It is asked for again.
            </p>
          )}
          {isEmpty(found.plotted) ? <Nothing found={found} /> : <Shown found={found} stage={stage} />}
        </div>
      )}
    </>
  )
}

function Shown({ found, stage }: ShownProps) {
  const { zone, nowMs } = useSteering()
  const scheme = useScheme()
  const [pointed, point] = useState<number | null>(null)
  const { plotted, marks } = found
  const held = useMemo(() => heldOf(marks, stage, plotted.from, plotted.to), [marks, stage, plotted])
  const index = pointed !== null && pointed < plotted.stretches.length ? pointed : latestOf(plotted)
  const at = plotted.stretches[index]
  return (
    <>
      <p class="charts-at quiet">
        {at === undefined ? null : (
          <>
            {pointed === null ? 'Latest: ' : 'At the cursor: '}
            <Time at={at.at} /> for {Math.round(at.widthMs / 1_000)} s. Gaps: nothing was measured.
          </>
        )}
      </p>
      {MEASURES.map(({ measure, label, note }, number) => (
        <figure key={measure}>
          <figcaption>
            <strong>{label}</strong> <span class="quiet note">{note}</span>
            <span class="legend">
              {plotted.paths.map((path, side) => (
                <Legend key={path} side={side} path={path} value={shownFigure(measure, at?.figures[side]?.[measure])} />
              ))}
            </span>
          </figcaption>
          <Chart
            {...{ plotted, measure, marks, held, zone, scheme }}
            place={number === 0 ? 'first' : number === MEASURES.length - 1 ? 'last' : 'middle'}
            sentence={`${label} of ${sentenceOf(plotted, measure)} from ${shownTime(plotted.from, zone, nowMs)} to ${shownTime(plotted.to, zone, nowMs)}. The figures are in the table below.`}
            onPoint={point}
          />
        </figure>
      ))}
      <StageChanges marks={marks} />
      <FigureTable plotted={plotted} marks={marks} />
    </>
  )
}

interface ShownProps {
  found: Extract<Found, { kind: 'found' }>
  stage: string | null
}

function Nothing({ found: { of, marks } }: Pick<ShownProps, 'found'>) {
  return (
    <>
      <p class="charts-state empty">
        Nothing was measured of {of.component} in this window: no operation of the application reached it, or the
        instances have not told of it yet. Lines begin with the first one.
      </p>
      <StageChanges marks={marks} />
    </>
  )
}

function sentenceOf(plotted: Plotted, measure: (typeof MEASURES)[number]['measure']): string {
  const latest = plotted.stretches[latestOf(plotted)]
  return plotted.paths
    .map((path, side) => `the ${path} (latest ${shownFigure(measure, latest?.figures[side]?.[measure])})`)
    .join(' and ')
}

function Legend({ side, path, value }: { side: number; path: string; value: string }) {
  return (
    <span class={side === 0 ? 'of-source' : 'of-target'}>
      <svg viewBox="0 0 22 8" width="22" height="8" aria-hidden="true">
        <path d="M0 4h22" {...(side === 0 ? { 'stroke-dasharray': '5 3' } : {})} />
      </svg>
      {path} <output>{value}</output>
    </span>
  )
}

function StageChanges({ marks }: { marks: readonly StageMark[] }) {
  if (marks.length === 0) return <p class="quiet stage-changes">No stage change in this window.</p>
  return (
    <details class="stage-changes">
      <summary>{marks.length === 1 ? '1 stage change' : `${marks.length} stage changes`} in this window</summary>
      <ol>
        {marks.toReversed().map(({ position, at, label, back, by, reason }) => (
          <li key={position}>
            <Time at={at} /> <strong>{label}</strong>
            {back ? ' (back)' : ''} by {by}: {reason}
          </li>
        ))}
      </ol>
    </details>
  )
}

/** The one that is looked at first. */
function busiest(components: Part<'components'>): Part<'components'>[number] | undefined {
  const operations = ({ paths }: Part<'components'>[number]): number =>
    paths.reduce((sum, path) => sum + path.operations, 0)
  return components.toSorted((a, b) => operations(b) - operations(a))[0]
}
