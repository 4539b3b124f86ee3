import type { DashboardState, Part } from '../state.js'
import { ActButton } from './act.js'
import { shownCount, shownMs, shownPercent } from './format.js'
import { Panel, Pill, type Tone } from './panel.js'
import { Table } from './table.js'

/**
 * Parts of a system that a flag switches from the legacy path to the new one: which share goes where, how both do, and
 * the way to change it or to turn back. Not there at all where nobody has declared such a part; collections have a
 * panel of their own.
 */
export function Parts({ state }: { state: DashboardState }) {
  const parts = state.components?.filter(({ kind }) => kind === 'flag') ?? []
  if (parts.length === 0) return null
  return (
    <Panel id="parts" title="Switched parts" aside="legacy and new, in the last 15 minutes">
      {parts.map((one) => (
        <SwitchedPart key={one.name} of={one} />
      ))}
    </Panel>
  )
}

type Component = Part<'components'>[number]

function SwitchedPart({ of: { name, flag, description, rolloutPercent, health, plan, paths } }: { of: Component }) {
  const title = `part-${name}`
  const isSteered = flag !== null && rolloutPercent !== null
  return (
    <article class="collection" aria-labelledby={title}>
      <header>
        <h3 id={title}>{name}</h3>
        <Pill tone="quiet">{modeOf(rolloutPercent)}</Pill>
        <Pill tone={HEALTH[health].tone}>{HEALTH[health].words}</Pill>
        {plan === null ? null : <Pill tone="busy">moved by {plan}</Pill>}
        <div class="actions">
          {isSteered ? (
            <>
              <ActButton act={{ kind: 'set-share', component: name, flag, sharePercent: rolloutPercent }} />
              <ActButton act={{ kind: 'roll-back-part', component: name }} />
            </>
          ) : null}
        </div>
      </header>
      {description === '' ? null : <p class="quiet">{description}</p>}
      <Table caption={`The paths of ${name}`} columns={['Path', ...NUMBERS]}>
        {paths.map(({ path, sharePercent, operations, errors, p50Ms, p95Ms }) => (
          <tr key={path}>
            <th scope="row">{path}</th>
            <td class="number">{shownPercent(sharePercent)}</td>
            <td class="number">{shownCount(operations)}</td>
            <td class="number">{shownPercent(operations === 0 ? null : (100 * errors) / operations)}</td>
            <td class="number">{shownMs(p50Ms)}</td>
            <td class="number">{shownMs(p95Ms)}</td>
          </tr>
        ))}
      </Table>
    </article>
  )
}

const NUMBERS = ['share', 'operations', 'errors', 'p50', 'p95'].map((title) => ({ title, isNumber: true as const }))

/** What the share amounts to. */
function modeOf(percent: number | null): string {
  if (percent === null) return 'share not known'
  if (percent === 0) return 'legacy only'
  return percent === 100 ? 'new only' : `gradual: ${shownPercent(percent)} new`
}

const HEALTH: { readonly [health in Component['health']]: { tone: Tone; words: string } } = {
  good: { tone: 'good', words: 'within its limits' },
  'in-breach': { tone: 'bad', words: 'in breach' },
  unknown: { tone: 'quiet', words: 'not enough evidence' },
}
