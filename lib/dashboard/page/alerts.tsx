import type { DashboardState, Part } from '../state.js'
import { ActButton } from './act.js'
import { shownCount } from './format.js'
import { useBrowserParts } from './in-browser.js'
import { Empty, Missing, Panel, Pill, type Tone } from './panel.js'
import { Time } from './time.js'

type Alert = Part<'alerts'>['items'][number]

/** What somebody must look at: the gravest first, and of those what nobody has taken on yet. */
export function Alerts({ state }: { state: DashboardState }) {
  const { alerts } = state
  const open = alerts === null ? [] : byUrgency(alerts.items.filter(({ status }) => status !== 'resolved'))
  const grave = open.some(({ severity, status }) => severity === 'critical' && status !== 'acknowledged')
  return (
    <Panel
      id="alerts"
      title="Alerts"
      aside={alerts === null ? undefined : countOf(open)}
      {...(grave ? { tone: 'bad' as const } : {})}
    >
      {alerts === null ? (
        <Missing state={state} part="alerts" />
      ) : open.length === 0 ? (
        <Empty>
          No alert is open. <Watch state={state} />
        </Empty>
      ) : (
        <ul class="alerts">
          {open.map((alert) => (
            <OneAlert key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
      {alerts?.next == null ? null : (
        <p class="quiet more">
          These are the {alerts.items.length} latest; there are more: <code>npm run -s cutover -- list-alerts</code>
        </p>
      )}
    </Panel>
  )
}

/** Gravest first; of those what nobody has taken on; of those the newest. */
export function byUrgency(alerts: readonly Alert[]): Alert[] {
  const rank = ({ severity, status }: Alert): number => SEVERITIES[severity] * 2 + (status === 'acknowledged' ? 1 : 0)
  return alerts.toSorted((a, b) => rank(a) - rank(b) || Date.parse(b.at) - Date.parse(a.at))
}

const SEVERITIES = { critical: 0, warning: 1, info: 2 } as const
const TONES: { readonly [severity in Alert['severity']]: Tone } = { critical: 'bad', warning: 'warn', info: 'quiet' }

function countOf(open: readonly Alert[]): string {
  const words = (['critical', 'warning', 'info'] as const).flatMap((severity) => {
    const count = open.filter((alert) => alert.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}`]
  })
  return words.length === 0 ? 'none open' : words.join(', ')
}

function OneAlert({ alert }: { alert: Alert }) {
  const parts = useBrowserParts()
  const { id, severity, kind, component, message, at, lastSeenAt, count, status, decision, undelivered } = alert
  return (
    <li class={`alert ${severity} ${status}`}>
      <p class="alert-head">
        <Pill tone={status === 'resolved' ? 'quiet' : TONES[severity]}>{severity}</Pill>{' '}
        <strong>{kind.replaceAll('-', ' ')}</strong>
        {component === null ? null : <span class="quiet"> {component}</span>}
      </p>
      <p>{message}</p>
      <p class="quiet">
        Since <Time at={at} age />
        {count > 1 ? (
          <>
            , seen {shownCount(count)} times, last at <Time at={lastSeenAt} />
          </>
        ) : null}
        . <Standing alert={alert} />
        {undelivered > 0 ? ` ${shownCount(undelivered)} messages about it could not be delivered.` : ''}
      </p>
      {decision === null || parts === null ? null : <parts.Why decision={decision} />}
      {status === 'resolved' ? null : (
        <div class="actions">
          {status === 'acknowledged' ? null : (
            <ActButton act={{ kind: 'acknowledge-alert', alertId: id, subject: message }} tone="primary" />
          )}
          <ActButton act={{ kind: 'resolve-alert', alertId: id, subject: message }} />
        </div>
      )}
    </li>
  )
}

function Standing({ alert: { status, acknowledgedBy, escalatesAt, history } }: { alert: Alert }) {
  const move = history.findLast(({ to }) => to === status)
  if (status === 'open')
    return escalatesAt === null ? (
      <>Nobody has acknowledged it.</>
    ) : (
      <>
        Nobody has acknowledged it; it is escalated at <Time at={escalatesAt} />.
      </>
    )
  const by = status === 'acknowledged' ? (acknowledgedBy ?? move?.by) : move?.by
  return (
    <>
      {STATUSES[status]}
      {by === undefined ? '' : ` by ${by}`}
      {move === undefined ? null : (
        <>
          {' '}
          at <Time at={move.at} />
          {move.reason === '' ? '' : `: ${move.reason}`}
        </>
      )}
    </>
  )
}

const STATUSES = { acknowledged: 'Acknowledged', escalated: 'Escalated', resolved: 'Resolved' } as const

/** That nothing was found says little without who has looked. */
function Watch({ state: { monitor } }: { state: DashboardState }) {
  const armed = (monitor ?? []).flatMap(({ rules }) => rules).filter((rule) => rule.armed)
  const weighed = armed.flatMap(({ weighedAt }) => (weighedAt === null ? [] : [weighedAt])).sort()
  const last = weighed.at(-1)
  if (monitor === null) return <>Whether rules are watching could not be told.</>
  if (armed.length === 0) return <>But no rule is armed, so none can be raised by a threshold.</>
  if (last === undefined) return <>Rules are armed, but none was weighed yet.</>
  return (
    <>
      {armed.length === 1 ? '1 armed rule is' : `${armed.length} armed rules are`} watching, weighed last at{' '}
      <Time at={last} age />.
    </>
  )
}
