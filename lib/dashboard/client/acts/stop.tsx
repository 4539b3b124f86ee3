import type { emergencyStop } from '../../../commands/operators/rollbacks/emergency-stop.js'
import { Time } from '../../page/time.js'
import type { Part } from '../../state.js'
import { lastOf } from './audited.js'
import { ActForm, type ActProps } from './form.js'
import { type Seen, useLook } from './look.js'
import { rehearsalOf } from './request.js'
import { NotSeen } from './stage-preview.js'

type Report = ReturnType<typeof emergencyStop.output.parse>

const ASKED = { ...rehearsalOf('emergency-stop'), changesNothing: true }

/** Stops everything. What it would do is shown, and never waited for. */
export function EmergencyStop(props: ActProps) {
  const { seen, again } = useLook<Report>(ASKED)
  const stands = props.state?.emergencyStop ?? null
  return (
    <ActForm
      {...props}
      title="Stop everything"
      wish={{ kind: 'emergency-stop' }}
      blocked={null}
      toType="STOP"
      moved={null}
      again={again}
      confirm="Stop everything"
      tone="danger"
      presets={['Records may be lost', 'The target misbehaves', 'Nobody knows what is wrong']}
    >
      {stands?.kind === 'stopped' ? (
        <p class="notice warn">
          {stands.by} has stopped everything already (<Time at={stands.since} age />
          ): “{stands.reason}”. To stop again does again whatever is not done yet.
        </p>
      ) : null}
      <section class="happening" aria-label="What will happen" aria-live="polite" aria-busy={seen.kind === 'looking'}>
        <h3>What will happen</h3>
        <p>
          Nothing advances until somebody lifts the stop. Reads and writes of the application go on; no acknowledged
          write is lost by it.
        </p>
        <WouldStop seen={seen} />
      </section>
    </ActForm>
  )
}

function WouldStop({ seen }: { seen: Seen<Report> }) {
  if (seen.kind !== 'ok')
    return (
      <>
        <NotSeen seen={seen} />
        {seen.kind === 'looking' ? null : (
          <p>You may stop everything all the same: each part is done as soon as it can be.</p>
        )}
      </>
    )
  const { rollbacks, flagsOff, runsCancelled, runsKept, plansFailed, programsFailed, underWay } = seen.value
  return (
    <dl class="stopped">
      <dt>Collections</dt>
      <dd>
        {rollbacks.length === 0 ? 'none has to go back' : null}
        <ul>
          {rollbacks.map(({ component, from, inWords, secondsLeft, steps }) => (
            <li key={component}>
              <strong>{component}</strong>
              {from === null ? '' : ` (at ${from})`}:{' '}
              {secondsLeft === 0 ? (steps.at(-1) ?? inWords) : [inWords, ...steps].join(' ')}
            </li>
          ))}
        </ul>
      </dd>
      <Names title="Flags switched off" names={flagsOff} />
      <Names title="Runs cancelled" names={runsCancelled} />
      {runsKept.length === 0 ? null : <Names title="Runs that go on, for the way back" names={runsKept} />}
      <Names title="Plans ended" names={plansFailed} />
      <Names title="Programs ended" names={programsFailed} />
      {underWay.length === 0 ? null : (
        <Names title="Not at once" names={underWay.map(({ part, because }) => `${part} (${because})`)} />
      )}
    </dl>
  )
}

const NAMES_SHOWN = 8

function Names({ title, names }: { title: string; names: readonly string[] }) {
  const more = names.length - NAMES_SHOWN
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {names.length === 0 ? 'none' : names.slice(0, NAMES_SHOWN).join(', ')}
        {more > 0 ? ` and ${more} more` : ''}
      </dd>
    </>
  )
}

/** Lets things advance again. */
export function LiftStop(props: ActProps) {
  const stop = props.state?.emergencyStop ?? null
  const isLifted = stop?.kind === 'none'
  return (
    <ActForm
      {...props}
      title="Lift the emergency stop"
      wish={{ kind: 'lift-emergency-stop' }}
      blocked={null}
      toType="LIFT"
      moved={
        isLifted
          ? {
              inWords: 'No emergency stop stands any more.',
              find: () => lastOf(['lift-emergency-stop'], null),
            }
          : null
      }
      again={() => {}}
      confirm="Lift the stop"
      tone="danger"
      presets={['The cause is found and mended', 'It was a drill']}
    >
      <section class="happening" aria-label="What will happen">
        <h3>What will happen</h3>
        {stop?.kind === 'stopped' ? <Standing stop={stop} /> : null}
        <p>
          Things may advance again, and nothing begins by itself: collections stay where they were turned back to, runs
          stay cancelled, plans and programs stay ended until somebody resumes them.
        </p>
      </section>
    </ActForm>
  )
}

function Standing({ stop }: { stop: Extract<Part<'emergencyStop'>, { kind: 'stopped' }> }) {
  return (
    <>
      <p>
        {stop.by} has stopped everything at <Time at={stop.since} age />: “{stop.reason}”.
      </p>
      {stop.open.length === 0 ? null : (
        <p class="notice warn">Not done yet, and not done any more once it is lifted: {stop.open.join(', ')}.</p>
      )}
    </>
  )
}
