import type { DashboardState, Part } from '../state.js'
import { shownCount, shownMs, shownPercent } from './format.js'
import { useBrowserParts } from './in-browser.js'
import { Empty, Missing, Panel } from './panel.js'
import { Scrolled } from './table.js'

/** How source and target (or legacy and new) have done lately, beside each other; and over time, where a script runs. */
export function Performance({ state }: { state: DashboardState }) {
  const parts = useBrowserParts()
  const { components } = state
  return (
    <Panel id="performance" title="Performance" aside="the last 15 minutes, then over time">
      {components === null ? (
        <Missing state={state} part="components" />
      ) : components.length === 0 ? (
        <Empty>
          There is no component. Collections are declared in the deployment; other parts by declare-component.
        </Empty>
      ) : (
        <Lately components={components} />
      )}
      {parts === null ? null : <parts.Charts state={state} />}
    </Panel>
  )
}

function Lately({ components }: { components: Part<'components'> }) {
  const first = components.slice(0, AT_FIRST)
  const more = components.slice(AT_FIRST)
  return (
    <>
      <Paths components={first} />
      {more.length === 0 ? null : (
        <details>
          <summary>{more.length} more components</summary>
          <Paths components={more} />
        </details>
      )}
    </>
  )
}

const AT_FIRST = 6

function Paths({ components }: { components: Part<'components'> }) {
  return (
    <Scrolled label="Latency and errors of each path in the last 15 minutes">
      <table class="paths">
        <thead>
          <tr>
            <th scope="col">Component</th>
            <th scope="col">Path</th>
            {COLUMNS.map((label) => (
              <th scope="col" class="number" key={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        {components.map((component) => (
          <Component key={component.name} {...component} />
        ))}
      </table>
    </Scrolled>
  )
}

/** What is compared comes first, where a phone shows it. */
const COLUMNS = ['p50', 'p95', 'p99', 'errors', 'operations', 'share'] as const

function Component({ name, paths }: Part<'components'>[number]) {
  return (
    <tbody>
      {paths.map((path, index) => (
        <tr key={path.path}>
          {index === 0 ? (
            <th scope="rowgroup" rowSpan={paths.length}>
              {name}
            </th>
          ) : null}
          <th scope="row" class={index === 0 ? 'of-source' : 'of-target'}>
            {path.path}
          </th>
          <td class="number">{shownMs(path.p50Ms)}</td>
          <td class="number">{shownMs(path.p95Ms)}</td>
          <td class="number">{shownMs(path.p99Ms)}</td>
          <td class="number">{shownPercent(errorPercent(path))}</td>
          <td class="number">{shownCount(path.operations)}</td>
          <td class="number">{shownPercent(path.sharePercent)}</td>
        </tr>
      ))}
    </tbody>
  )
}

/** Of no operations there is no rate, not even nought. */
function errorPercent({ operations, errors }: Part<'components'>[number]['paths'][number]): number | null {
  return operations === 0 ? null : (errors / operations) * 100
}
