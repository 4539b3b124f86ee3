import type { DashboardState } from '../state.js'
import { Empty, Missing, Panel, Pill } from './panel.js'
import { atFirst, byCloseness, type MonitorRule, nearness, type RulesOf } from './thresholds-order.js'
import { Time } from './time.js'

/** How near every rule is to its threshold, the nearest first, and what follows when it gets there. */
export function Thresholds({ state }: { state: DashboardState }) {
  const { monitor } = state
  const all = monitor === null ? [] : byCloseness(monitor)
  const { first, rest } = atFirst(all)
  const beyond = all.flatMap(({ rules }) => rules).filter((rule) => nearness(rule) === 'beyond').length
  const tone = beyond > 0 ? { tone: 'bad' as const } : {}
  return (
    <Panel id="thresholds" title="Thresholds" aside="nearest first" {...tone}>
      {monitor === null ? (
        <Missing state={state} part="monitor" />
      ) : all.length === 0 ? (
        <Empty>No rule watches anything here. put-rule adds one; list-rules shows those that are shipped.</Empty>
      ) : first.length === 0 ? (
        <Empty>Nothing was weighed on enough evidence yet. Rules are weighed while the application is in use.</Empty>
      ) : (
        first.map((one) => <Rules key={one.component} {...one} />)
      )}
      {rest.length === 0 ? null : (
        <details>
          <summary>{summaryOf(rest)}</summary>
          {rest.map((one) => (
            <Rules key={one.component} {...one} />
          ))}
        </details>
      )}
    </Panel>
  )
}

function summaryOf(rest: readonly RulesOf[]): string {
  const rules = rest.flatMap(({ rules }) => rules)
  const without = rules.filter((rule) => nearness(rule) === 'no-evidence').length
  const off = rules.filter((rule) => nearness(rule) === 'not-armed').length
  const telling = rules.length - without - off
  const parts: string[] = []
  if (telling > 0) parts.push(`${telling} more`)
  if (without > 0) parts.push(`${without} without enough evidence`)
  if (off > 0) parts.push(`${off} not armed`)
  return parts.join(', ')
}

function Rules({ component, rules }: RulesOf) {
  return (
    <section class="rules">
      <h3>
        {component} <Weighed rules={rules} />
      </h3>
      <ul>
        {rules.map((rule) => (
          <Rule key={rule.rule} component={component} rule={rule} />
        ))}
      </ul>
    </section>
  )
}

/** Rules of a component are weighed together. */
function Weighed({ rules }: Pick<RulesOf, 'rules'>) {
  const last = rules
    .flatMap(({ weighedAt }) => weighedAt ?? [])
    .sort()
    .at(-1)
  return (
    <small>
      {last === undefined ? (
        'never weighed'
      ) : (
        <>
          weighed <Time at={last} />
        </>
      )}
    </small>
  )
}

function Rule({ component, rule }: { component: string; rule: MonitorRule }) {
  const near = nearness(rule)
  const word = wordOf(rule)
  const closeness = rule.closeness ?? 0
  return (
    <li class={near}>
      <div class="rule-head">
        <span class="rule-name" title={rule.description}>
          {rule.rule}
        </span>
        {word === null ? null : <Pill tone={TONES[near]}>{word}</Pill>}
        <span class="rule-words">{rule.inWords}</span>
      </div>
      {rule.closeness === null ? null : (
        <meter
          min={0}
          max={1}
          low={0.7}
          high={0.9}
          optimum={0}
          value={Math.min(1, closeness)}
          aria-label={`${rule.rule} of ${component}: how near to its threshold`}
          aria-valuetext={`${Math.round(closeness * 100)} % of the way, ${rule.inWords}`}
        />
      )}
      <p class="quiet">
        {consequence(rule)}
        {rule.action === null ? null : ` ${actionInWords(rule.action)}`}
      </p>
    </li>
  )
}

const WORDS = {
  far: null,
  near: 'near',
  'very-near': 'very near',
  'at-the-limit': 'at the limit',
  beyond: 'beyond',
  'no-evidence': 'not enough evidence',
  'not-armed': 'not armed',
} as const

const TONES = {
  far: 'good',
  near: 'warn',
  'very-near': 'warn',
  'at-the-limit': 'warn',
  beyond: 'bad',
  'no-evidence': 'quiet',
  'not-armed': 'quiet',
} as const

function consequence({ armed, onBreach, rollBackTo, severity }: MonitorRule): string {
  if (!armed) return 'Nothing follows while it is not armed.'
  const alert = `On a breach: ${severity} alert`
  return onBreach === 'alert' ? `${alert}.` : `${alert}, back to ${rollBackTo}.`
}

/** What the latest breach has led to. */
function actionInWords({ status, because }: NonNullable<MonitorRule['action']>): string {
  const why = because.replaceAll('-', ' ')
  switch (status) {
    case 'done':
      return 'The last breach was acted on.'
    case 'decided':
    case 'under-way':
      return 'It is being acted on.'
    default:
      return `The last breach was not acted on: ${status.replaceAll('-', ' ')}, ${why}.`
  }
}

/** Said once is enough. */
function wordOf(rule: MonitorRule): string | null {
  const word = WORDS[nearness(rule)]
  return word !== null && rule.inWords.startsWith(word) ? null : word
}
