import type { DashboardState, Part } from '../state.js'
import { ActButton } from './act.js'
import { Mark, Missing, Panel, Pill } from './panel.js'
import { Time } from './time.js'

type Override = Part<'overrides'>[number]
type Breaker = Part<'breakers'>['items'][number]

/** What is forced over anybody's wishes: an emergency stop, variables of the environment, stores that are left alone. */
export function Overrides({ state }: { state: DashboardState }) {
  const { overrides, emergencyStop, breakers } = state
  const inForce = overrides?.filter((one) => one.inForce) ?? []
  const forced = breakers?.items.filter(({ forced }) => forced !== null) ?? []
  const isKnown = overrides !== null && emergencyStop !== null && breakers !== null
  const isQuiet = isKnown && emergencyStop.kind === 'none' && inForce.length === 0 && forced.length === 0
  return (
    <Panel id="overrides" title="Overrides" {...(emergencyStop?.kind === 'stopped' ? { tone: 'bad' } : {})}>
      {isQuiet ? (
        <p>
          <Mark tone="good" /> Nothing overrides anything: no emergency stop stands, no variable forces a stage, and no
          store is left alone by order.
        </p>
      ) : (
        <div class="forces">
          {emergencyStop === null ? (
            <Missing state={state} part="emergencyStop" />
          ) : emergencyStop.kind === 'stopped' ? (
            <Stopped stop={emergencyStop} />
          ) : null}
          {overrides === null ? <Missing state={state} part="overrides" /> : null}
          {inForce.map((one) => (
            <Variable key={one.variable} of={one} />
          ))}
          {breakers === null ? <Missing state={state} part="breakers" /> : null}
          {forced.map((one) => (
            <ForcedOpen key={one.store} of={one} />
          ))}
        </div>
      )}
      {overrides === null ? null : <AllFour overrides={overrides} />}
    </Panel>
  )
}

function Stopped({ stop }: { stop: Extract<Part<'emergencyStop'>, { kind: 'stopped' }> }) {
  const { since, by, reason, again, open } = stop
  return (
    <div class="notice bad force">
      <h3>
        <Mark tone="bad" /> Emergency stop
      </h3>
      <p>
        By {by} at <Time at={since} age />: {reason}
      </p>
      <p>
        {open.length === 0
          ? 'All of it is done. Nothing advances until it is lifted.'
          : `Not done yet: ${open.join(', ')}. The tick goes on with it.`}
      </p>
      {again.length === 0 ? null : (
        <details>
          <summary>{again.length === 1 ? 'Called for once more' : `Called for ${again.length} times more`}</summary>
          <ul>
            {again.map((one) => (
              <li key={`${one.at} ${one.by}`}>
                <Time at={one.at} />, {one.by}: {one.reason}
              </li>
            ))}
          </ul>
        </details>
      )}
      <div class="actions">
        <ActButton act={{ kind: 'lift-emergency-stop' }} />
      </div>
    </div>
  )
}

function Variable({ of: { variable, value, effect, against } }: { of: Override }) {
  return (
    <div class="notice force">
      <h3>
        <code>
          {variable}={value}
        </code>
      </h3>
      <p>{effect}</p>
      {against.length === 0 ? null : (
        <p>
          <Pill tone="warn">stands against</Pill> {against.join(', ')}
        </p>
      )}
      <p class="quiet">Changed in the environment of the deployment alone.</p>
    </div>
  )
}

function ForcedOpen({ of: { store, forced } }: { of: Breaker }) {
  if (forced === 'unreachable')
    return (
      <p>
        <Mark tone="warn" /> Whether the {store} is left alone by order could not be read.
      </p>
    )
  if (forced === null) return null
  const { by, reason, at } = forced
  return (
    <div class="notice warn force">
      <h3>
        <Mark tone="warn" /> The {store} is left alone
      </h3>
      <p>
        By order of {by} at <Time at={at} age />: {reason}
      </p>
      <p>
        It is asked nothing until <code>reset-breaker</code>.
      </p>
    </div>
  )
}

/** The four variables, those that force nothing too. */
function AllFour({ overrides }: { overrides: readonly Override[] }) {
  return (
    <details class="variables">
      <summary>The variables that could</summary>
      <dl>
        {overrides.map(({ variable, value, effect, inForce }) => (
          <div key={variable}>
            <dt>
              <code>{value === null ? variable : `${variable}=${value}`}</code>
              {inForce ? ' (in force)' : ''}
            </dt>
            <dd class="quiet">{effect}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
