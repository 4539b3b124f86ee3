import { useState } from 'preact/hooks'
import { shownCount } from '../page/format.js'
import { Time } from '../page/time.js'
import type { Mark } from './chart-marks.js'
import { type Measure, type Plotted, shownFigure } from './series.js'

/** The same as the charts, in figures. Made only when it is opened: it has up to a thousand cells. */
export function FigureTable({ plotted, marks }: { plotted: Plotted; marks: readonly Mark[] }) {
  const [open, show] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => show(currentTarget.open)}>
      <summary>As a table</summary>
      {open ? <Figures plotted={plotted} marks={marks} /> : null}
    </details>
  )
}

const COLUMNS: readonly [Measure, string][] = [
  ['p50Ms', 'p50'],
  ['p95Ms', 'p95'],
  ['p99Ms', 'p99'],
  ['errorRate', 'errors'],
]

function Figures({ plotted, marks }: { plotted: Plotted; marks: readonly Mark[] }) {
  const { paths, stretches } = plotted
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table tall" tabIndex={0} aria-label="What was measured, as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Path</th>
            <th scope="col" class="number">
              operations
            </th>
            {COLUMNS.map(([measure, label]) => (
              <th scope="col" class="number" key={measure}>
                {label}
              </th>
            ))}
            <th scope="col">Stage change</th>
          </tr>
        </thead>
        <tbody>
          {stretches.toReversed().map(({ at, widthMs, figures }) =>
            paths.map((path, side) => {
              const of = figures[side] ?? null
              return (
                <tr key={`${at} ${path}`}>
                  <th scope="row">
                    <Time at={at} />
                  </th>
                  <td>{path}</td>
                  <td class="number">{of === null ? 'not measured' : shownCount(of.count)}</td>
                  {COLUMNS.map(([measure]) => (
                    <td class="number" key={measure}>
                      {shownFigure(measure, of?.[measure])}
                    </td>
                  ))}
                  <td>{side === 0 ? changesIn(marks, at, widthMs) : ''}</td>
                </tr>
              )
            }),
          )}
        </tbody>
      </table>
    </section>
  )
}

function changesIn(marks: readonly Mark[], at: number, widthMs: number): string {
  return marks
    .filter((mark) => mark.at >= at && mark.at < at + widthMs)
    .map(({ label }) => label)
    .join(', ')
}
