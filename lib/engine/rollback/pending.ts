import { CutoverError } from '../../core/error.js'
import type { Rollback } from '../../core/rollback/rollback.js'
import type { Stopped } from '../../core/rollback/stopped.js'
import type { DocumentStore } from '../../ports/document.js'

/**
 * What was decided while the ledger did not answer, beside the source's documents: a rollback whose rest is still to
 * come, and an emergency stop. The tick brings it into the ledger and empties this. It is no second place for what the
 * ledger has; nothing is here while the ledger answers. If neither place answers, the caller is told so, and the
 * stages themselves, which are in the source's documents, say how far it came.
 */
export interface Pending {
  rollbacks: Rollback[]
  stop: Stopped | null
}

const NAME = 'cutover/pending-rollbacks.json'
/** Every collection of a stop is kept at the same moment. */
const ATTEMPTS_MAX = 50
/** More than components anybody rolls back in one outage; the oldest go. */
const ROLLBACKS_MAX = 200

export async function readPending(documents: DocumentStore): Promise<Pending> {
  return (await read(documents)).pending
}

/** Changes what is pending, again from what is there when somebody else was faster; an empty one is removed. */
export async function changePending(documents: DocumentStore, change: (pending: Pending) => Pending): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { pending, etag } = await read(documents)
    const wanted = change(pending)
    const next = { ...wanted, rollbacks: wanted.rollbacks.slice(-ROLLBACKS_MAX) }
    const isEmpty = next.rollbacks.length === 0 && next.stop === null
    if (isEmpty && etag === null) return
    const answer =
      isEmpty && etag !== null
        ? await documents.remove(NAME, { ifMatch: etag })
        : await documents.put(NAME, JSON.stringify(next), { ifMatch: etag })
    if (answer.kind !== 'conflict') return
  }
  throw new CutoverError('contended', `${NAME} is changed by too many at once. Try again.`)
}

async function read(documents: DocumentStore): Promise<{ pending: Pending; etag: string | null }> {
  const held = await documents.get(NAME)
  if (held === null || held === 'unchanged') return { pending: { rollbacks: [], stop: null }, etag: null }
  return { pending: parsed(held.text), etag: held.etag }
}

function parsed(text: string): Pending {
  try {
    const { rollbacks, stop } = JSON.parse(text) as Pending
    if (Array.isArray(rollbacks) && typeof stop === 'object') return { rollbacks, stop }
  } catch {
    // said below
  }
  throw new CutoverError('corrupt-document', `${NAME} is damaged. Remove it, and roll back what should be rolled back.`)
}
