import { useState } from 'preact/hooks'
import type { explainDecision } from '../../../commands/operators/alerts/explain-decision.js'
import { Time } from '../../page/time.js'
import { type Answer, read } from '../read.js'

type Explained = ReturnType<typeof explainDecision.output.parse>

/** Why a decision was made. It is asked for when somebody looks, once. */
export function Why({ decision }: { decision: string }) {
  const [answer, told] = useState<Answer<Explained> | null>(null)
  const ask = async (open: boolean): Promise<void> => {
    if (open && answer?.kind !== 'read') told(await read<Explained>(`/decisions/${encodeURIComponent(decision)}`, {}))
  }
  return (
    <details class="why" onToggle={({ currentTarget }) => void ask(currentTarget.open)}>
      <summary>What it was decided on</summary>
      {answer === null ? (
        <p class="quiet">Asking…</p>
      ) : answer.kind === 'failed' ? (
        <p class="missing">It could not be read. {answer.because}</p>
      ) : (
        <Explanation {...answer.value} />
      )}
    </details>
  )
}

function Explanation({ at, sentence, windows }: Explained) {
  return (
    <>
      <p>{sentence}</p>
      <p class="quiet">
        Decided at <Time at={at} />, on {windows.length === 1 ? 'one window' : `${windows.length} windows`}.
      </p>
    </>
  )
}
