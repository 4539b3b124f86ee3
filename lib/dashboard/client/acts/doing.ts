import { useEffect, useRef, useState } from 'preact/hooks'
import { call } from '../api.js'
import { announce } from './announce.js'
import { requestOf, type Wish } from './request.js'
import { lookForIt, type Outcome, type Sent, settle } from './settle.js'

export type Phase = { kind: 'asking' } | { kind: 'under-way' } | { kind: 'over'; sent: Sent; outcome: Outcome }

/**
 * Carries one act out. Whatever is pressed, one request at most is under way; it goes on when the dialog is closed, and
 * then its end is announced.
 */
export function useDoing({ since, onDone }: { since: string | null; onDone: () => void }): Doing {
  const [phase, setPhase] = useState<Phase>({ kind: 'asking' })
  const isBusy = useRef(false)
  const isHere = useRef(true)
  useEffect(() => {
    isHere.current = true
    return () => {
      isHere.current = false
    }
  }, [])

  async function during(sent: Sent, work: () => Promise<Outcome>): Promise<void> {
    if (isBusy.current) return
    isBusy.current = true
    setPhase({ kind: 'under-way' })
    const outcome = await work()
    isBusy.current = false
    setPhase({ kind: 'over', sent, outcome })
    if (!isHere.current) announce(outcome.inWords)
    onDone()
  }

  return {
    phase,
    send(wish, reason) {
      const sent = { wish, reason: reason.trim(), since }
      void during(sent, async () => settle(sent, await call(requestOf(wish, reason))))
    },
    again: () => setPhase({ kind: 'asking' }),
    lookForIt() {
      if (phase.kind !== 'over') return
      const { sent } = phase
      void during(sent, () => lookForIt(sent, 'No answer had come.'))
    },
  }
}

export interface Doing {
  phase: Phase
  send(wish: Wish, reason: string): void
  /** Back to the questions. */
  again(): void
  lookForIt(): void
}
