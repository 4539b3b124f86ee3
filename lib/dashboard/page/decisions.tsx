import { decisionInWords } from './plan-words.js'
import { Time } from './time.js'

const SHOWN_MAX = 20

/** What was decided, by whom and why, newest first. */
export function Decisions({ of, decisions }: { of: string; decisions: readonly Decision[] }) {
  const newest = [...decisions].reverse().slice(0, SHOWN_MAX)
  if (newest.length === 0) return null
  return (
    <details class="decisions">
      <summary>
        Decisions <span class="hidden-visually">of {of}</span>
      </summary>
      <ol>
        {newest.map(({ kind, at, by, about, reason }) => (
          <li key={`${at} ${kind} ${about} ${reason}`}>
            <strong>{about === null ? decisionInWords(kind) : `${about}: ${decisionInWords(kind)}`}</strong>{' '}
            <span class="quiet">
              <Time at={at} age />, by {by}
            </span>
            <p>{reason}</p>
          </li>
        ))}
      </ol>
      {decisions.length > SHOWN_MAX ? <p class="quiet">Earlier ones are in the audit trail.</p> : null}
    </details>
  )
}

interface Decision {
  kind: string
  at: string
  by: string
  /** The step or phase. */
  about: string | null
  reason: string
}
