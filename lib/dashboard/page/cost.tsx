import type { DashboardState, Part } from '../state.js'
import { shownCount, shownPercent, UNKNOWN } from './format.js'
import { Empty, Missing, Panel } from './panel.js'
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
  const { soFar, since, lastHour, perMonthAtThisRate } = cost
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
        <Figure label="A month at this rate" value={shownDollars(perMonthAtThisRate)}>
          the last hour, 720 times
        </Figure>
      </dl>
      <Against cost={cost} />
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

function Against({ cost: { estimate, sinceEstimate, share } }: { cost: CostState }) {
  if (estimate === null)
    return (
      <p class="quiet">
        No estimate was kept, so there is nothing to hold this against. One is kept when a plan or a move begins while
        it can be reckoned; <code>plan-migration</code> tells one at any time.
      </p>
    )
  const percent = share === null ? null : share * 100
  return (
    <div class={`against ${percent !== null && percent > 100 ? 'over' : ''}`}>
      <p>
        <strong>{shownDollars(sinceEstimate?.usd ?? null)}</strong> of {shownDollars(estimate.usd)} estimated
        {percent === null ? '' : ` (${shownPercent(percent)})`}
        {percent !== null && percent > 100 ? ': more than was estimated' : ''}
      </p>
      {share === null ? null : (
        <progress max={1} value={Math.min(1, share)} aria-label="Cost so far against the estimate" />
      )}
      <p class="quiet">
        Estimated at <Time at={estimate.madeAt} /> for {estimate.collections.join(', ')} (
        {estimate.course === 'week' ? 'a week by the plan' : 'moved by hand'}); with storage and bandwidth{' '}
        {shownDollars(estimate.totalUsd)}.
      </p>
    </div>
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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="table" tabIndex={0} aria-label="Cost by collection">
        <table>
          <thead>
            <tr>
              <th scope="col">Of</th>
              <th scope="col" class="number">
                commands
              </th>
              <th scope="col" class="number">
                messages
              </th>
              <th scope="col" class="number">
                cost
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, commands, messages, usd }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="number">{shownCount(commands)}</td>
                <td class="number">{shownCount(messages)}</td>
                <td class="number">{shownDollars(usd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="quiet">Of its own: the ledger, metrics, the queue, back-ups, and looks at this page.</p>
    </details>
  )
}

/** `$12.40`, `$0.05`, `$0.0042`; `null` is not known, and never nought. */
export function shownDollars(usd: number | null): string {
  if (usd === null) return UNKNOWN
  if (usd > 0 && usd < 0.0001) return '<$0.0001'
  if (usd > 0 && usd < 0.01) return `$${Number(usd.toPrecision(2))}`
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}
