import { useState } from 'preact/hooks'
import { shownCount } from '../../page/format.js'
import { Scrolled } from '../../page/table.js'
import { Time } from '../../page/time.js'
import type { Mark } from './marks.js'
import { type Measure, type Plotted, type Stretch, shownFigure } from './series.js'

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
    <Scrolled label="What was measured, as a table" isTall>
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
        {stretches.toReversed().map((stretch) => (
          <Rows key={stretch.at} {...stretch} paths={paths} change={changesIn(marks, stretch)} />
        ))}
      </table>
    </Scrolled>
  )
}

function Rows({ at, figures, paths, change }: Stretch & { paths: readonly string[]; change: string }) {
  return (
    <tbody>
      {paths.map((path, side) => (
        <tr key={path}>
          {side > 0 ? null : (
            <th scope="rowgroup" rowSpan={paths.length}>
              <Time at={at} />
            </th>
          )}
          <th scope="row">{path}</th>
          <td class="number">{shownOperations(figures[side])}</td>
          {COLUMNS.map(([measure]) => (
            <td class="number" key={measure}>
              {shownFigure(measure, figures[side]?.[measure])}
            </td>
          ))}
          <td>{side === 0 ? change : ''}</td>
        </tr>
      ))}
    </tbody>
  )
}

function shownOperations(figures: Stretch['figures'][number] | undefined): string {
  return figures === null || figures === undefined ? 'not measured' : shownCount(figures.count)
}

function changesIn(marks: readonly Mark[], { at, widthMs }: Stretch): string {
  return marks
    .filter((mark) => mark.at >= at && mark.at < at + widthMs)
    .map(({ label }) => label)
    .join(', ')
}
