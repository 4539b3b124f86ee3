import type { DashboardState } from '../state.js'
import { ActButton } from './act.js'
import { Mark } from './panel.js'
import { type Answer, verdictOf } from './verdict-of.js'

/** The first thing on the page: what is happening, is it safe, how does one go back. */
export function Verdict({ state }: { state: DashboardState }) {
  const { happening, safe, back } = verdictOf(state)
  const begun = state.collections?.filter(({ stage, cleanedUp }) => stage !== 'off' && !cleanedUp) ?? []
  return (
    <section class="verdict" aria-label="At a glance">
      <Card question="What is happening?" answer={happening} />
      <Card question="Is it safe?" answer={safe} />
      <Card question="How do I go back?" answer={back}>
        <div class="actions">
          {begun.map(({ collection, epoch }) => (
            <ActButton key={collection} act={{ kind: 'roll-back', collection, epoch }}>
              Roll back {collection}…
            </ActButton>
          ))}
        </div>
      </Card>
    </section>
  )
}

/** Lines of a card that are always in sight. */
const LINES_SHOWN = 3

function Card({ question, answer, children }: CardProps) {
  const { tone, line, more } = answer
  const [shown, rest] = [more.slice(0, LINES_SHOWN), more.slice(LINES_SHOWN)]
  return (
    <div class={`panel answer ${tone}`}>
      <h2>{question}</h2>
      <p class="line">
        <Mark tone={tone} />
        <span>{line}</span>
      </p>
      {shown.length === 0 ? null : (
        <ul>
          {shown.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      {rest.length === 0 ? null : (
        <details>
          <summary>{rest.length} more</summary>
          <ul>
            {rest.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </details>
      )}
      {children}
    </div>
  )
}

interface CardProps {
  question: string
  answer: Answer
  children?: preact.ComponentChildren
}
