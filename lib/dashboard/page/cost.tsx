import { dollars } from '../../core/estimate/dollars.js'
import type { DashboardState, Part } from '../state.js'
import { shownCount, shownPercent, shownSeconds, UNKNOWN } from './format.js'
import { Empty, Missing, Panel } from './panel.js'
import { Table } from './table.js'
import { Time } from './time.js'

type CostState = Part<'cost'>

/** What it has cost by what was metered, beside what was estimated before it began. All of it are lower bounds. */
export function Cost({ state }: { state: DashboardState }) {
  const { cost } = state
  return (
    <Panel id="cost" title="Cost" aside={cost === null ? undefined : `US dollars, prices of ${cost.pricesOf}`}>
      {cost === null ? (
        <Missing state={state} part="cost" />
      ) : cost.soFar.usd === null ? (
        <Empty>Nothing was metered yet, so the cost so far is not known.</Empty>
      ) : (
        <Figures cost={cost} />
      )}
      {cost === null ? null : (
        <details>
          <summary>What is not counted</summary>
          <ul>
            {cost.notCounted.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </details>
      )}
    </Panel>
  )
}

function Figures({ cost }: { cost: CostState }) {
  const { soFar, since, lastHour, rateOverSeconds, perMonthAtThisRate } = cost
  return (
    <>
      <dl class="figures">
        <Figure label="So far, at least" value={shownDollars(soFar.usd)}>
          {shownCount(soFar.commands)} commands, {shownCount(soFar.messages)} messages
          {since === null ? null : (
            <>
              , since <Time at={since} />
            </>
          )}
        </Figure>
        <Figure label="Last hour" value={shownDollars(lastHour.usd)}>
          {shownCount(lastHour.commands)} commands, {shownCount(lastHour.messages)} messages
        </Figure>
        <Figure
          label="A month at this rate"
          value={rateOverSeconds === null ? 'too short to say' : shownDollars(perMonthAtThisRate)}
        >
          {rateOverSeconds === null
            ? 'nothing was metered before the last ten minutes'
            : `the rate of the last ${shownSeconds(rateOverSeconds)}`}
        </Figure>
      </dl>
      <Against cost={cost} />
      <Purposes cost={cost} />
      <Shares cost={cost} />
    </>
  )
}

function Figure({ label, value, children }: { label: string; value: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <strong>{value}</strong>
        <small>{children}</small>
      </dd>
    </div>
  )
}

/** Like with like: moving against what moving was to cost. All else has its line beside it, and no percentage. */
function Against({ cost }: { cost: CostState }) {
  const { estimate, share, spentFor } = cost
  if (estimate === null)
    return (
      <p class="quiet">
        No estimate was kept, so there is nothing to hold this against. One is kept when a plan or a move begins while
        it can be reckoned; <code>plan-migration</code> tells one at any time.
      </p>
    )
  const moving = spentFor.find(({ purpose }) => purpose === 'moving')
  const over = share !== null && share > 1
  return (
    <div class={`against ${over ? 'over' : ''}`}>
      {share === null || !moving?.sinceEstimate || !moving.estimated ? (
        <p>
          {shownDollars(estimate.usd)} were estimated. What was metered cannot be told apart as the estimate is, so
          there is no percentage.
        </p>
      ) : (
        <>
          <p>
            Moving: <strong>{shownDollars(moving.sinceEstimate.usd)}</strong> of {shownDollars(moving.estimated.usd)}{' '}
            estimated ({shownPercent(share * 100)})
            {over ? ': more than moving once, as repeated runs, validations and rollbacks count too' : ''}
          </p>
          <progress max={1} value={Math.min(1, share)} aria-label="Moving, against what was estimated for it" />
        </>
      )}
      <p class="quiet">
        Estimated at <Time at={estimate.madeAt} /> for {estimate.collections.join(', ')} (
        {estimate.course === 'week' ? 'a week by the plan' : 'moved by hand'}); all of it, with storage and bandwidth,{' '}
        {shownDollars(estimate.totalUsd)}.
      </p>
    </div>
  )
}

const PURPOSES: { [purpose in CostState['spentFor'][number]['purpose']]: string } = {
  moving: 'moving: runs and acts',
  watching: 'looking after it: ticks, autopilot',
  traffic: 'reads and writes of the application',
  looking: 'looks: pages, verbs that only read',
}

function Purposes({ cost: { spentFor, estimate } }: { cost: CostState }) {
  return (
    <details>
      <summary>What it was for</summary>
      <Table caption="Cost by what it was for" columns={estimate === null ? SPENT : [...SPENT, ...ESTIMATED]}>
        {spentFor.map(({ purpose, soFar, sinceEstimate, estimated }) => (
          <tr key={purpose}>
            <th scope="row">{PURPOSES[purpose]}</th>
            <td class="number">{shownDollars(soFar.usd)}</td>
            {estimate === null ? null : (
              <>
                <td class="number">{shownDollars(sinceEstimate?.usd ?? null)}</td>
                <td class="number">{shownDollars(estimated?.usd ?? null)}</td>
              </>
            )}
          </tr>
        ))}
      </Table>
      <p class="quiet">
        Commands and messages. Only moving is held against the estimate: how long clients, ticks and pages go on is no
        matter of the migration, and ticks may come more often than was reckoned with.
      </p>
    </details>
  )
}

function Shares({ cost: { perCollection, own } }: { cost: CostState }) {
  const rows = [
    ...perCollection.map(({ collection, ...amounts }) => ({ name: collection, ...amounts })),
    { name: 'of its own', ...own },
  ]
  return (
    <details>
      <summary>By collection</summary>
      <Table caption="Cost by collection" columns={['Of', ...numbers('commands', 'messages', 'cost')]}>
        {rows.map(({ name, commands, messages, usd }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="number">{shownCount(commands)}</td>
            <td class="number">{shownCount(messages)}</td>
            <td class="number">{shownDollars(usd)}</td>
          </tr>
        ))}
      </Table>
      <p class="quiet">Of its own: the ledger, metrics, the queue, back-ups, and looks at this page.</p>
    </details>
  )
}

const SPENT = ['For', ...numbers('so far')]
const ESTIMATED = numbers('since the estimate', 'estimated')

function numbers(...titles: string[]): { title: string; isNumber: true }[] {
  return titles.map((title) => ({ title, isNumber: true }))
}

/** `null` is not known, and never nought. */
export function shownDollars(usd: number | null): string {
  return usd === null ? UNKNOWN : dollars(usd)
}
