import { useEffect, useState } from 'preact/hooks'
import { type Answer, type Asked, call } from '../api.js'

/** What the server says would happen. */
export type Seen<T> = { kind: 'looking' } | Answer<T>

/** Somebody who types a number must not ask for every digit of it. */
const TYPING_MS = 250

/**
 * Asks what would happen, and again whenever the question changes; what comes late, of an earlier question, is dropped.
 * `null`: there is nothing to ask yet.
 */
export function useLook<T>(asked: Asked | null): { seen: Seen<T>; again: () => void } {
  const [seen, setSeen] = useState<{ key: string; answer: Answer<T> } | null>(null)
  const [turn, setTurn] = useState(0)
  const key = asked === null ? '' : `${turn} ${asked.path} ${JSON.stringify(asked.body ?? null)}`
  useEffect(() => {
    if (asked === null) return
    const over = new AbortController()
    const timer = setTimeout(
      async () => {
        const answer = await call<T>({ ...asked, signal: over.signal })
        if (!over.signal.aborted) setSeen({ key, answer })
      },
      seen === null ? 0 : TYPING_MS,
    )
    return () => {
      clearTimeout(timer)
      over.abort()
    }
  }, [key])
  const isFresh = seen !== null && seen.key === key
  return { seen: isFresh ? seen.answer : { kind: 'looking' }, again: () => setTurn((before) => before + 1) }
}
