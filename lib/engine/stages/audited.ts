import { CutoverError } from '../../core/error.js'
import type { SourceControl } from '../../core/protocol/answers.js'
import type { Ledger } from '../../ports/ledger.js'
import { type AuditEntry, auditEntry } from '../audit.js'
import { collectionOf, type EngineContext } from '../context.js'
import { sideBySide } from '../side-by-side.js'
import { pairsOf } from './move.js'
import { type DecisionNote, notesOf } from './noted.js'

const ATTEMPTS_MAX = 5

/**
 * Enters a stage change into the audit trail. The ledger may be what is out of reach, and a rollback must not wait for
 * it: then nothing is thrown, and the watch enters the decision later (`enterMissedDecisions`).
 */
export async function enterDecision({ ledger }: EngineContext, epoch: number, entry: AuditEntry): Promise<void> {
  const key = auditedKey(entry.collection ?? '')
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const known = await ledger.read(key)
      const entered = epochIn(known)
      if (entered === epoch) return // the watch was faster
      const change = { key, ifRevision: known?.revision ?? null, value: { epoch: Math.max(entered, epoch) } }
      if ((await ledger.commit([change], [auditEntry(entry)])).kind === 'committed') return
    }
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
  }
}

/**
 * Enters decisions that the trail has not heard of; the source's documents have kept who made them and why. `seen`: what
 * each of them has just answered.
 */
export async function enterMissedDecisions(
  context: EngineContext,
  name: string,
  seen?: readonly SourceControl[],
): Promise<number> {
  const notes = new Map<number, DecisionNote>()
  const controls = seen ?? (await sideBySide(pairsOf(collectionOf(context, name)), ([source]) => source.control()))
  for (const { plan, fence } of controls) {
    if (fence.plain) return 0 // over: the ledger may be gone, and must not come again
    // A partition that stood there already tells less than one that was moved.
    for (const note of plan === null ? [] : notesOf(plan))
      if (note.from !== note.to || !notes.has(note.epoch)) notes.set(note.epoch, note)
  }
  const key = auditedKey(name)
  const known = await context.ledger.read(key)
  const missed = [...notes.values()].filter(({ epoch }) => epoch > epochIn(known)).sort((a, b) => a.epoch - b.epoch)
  const last = missed.at(-1)
  if (last === undefined) return 0
  const entries = missed.map(({ epoch, by, reason, at, from, to }) => {
    const [before, after] = [{ stage: from }, { stage: to, epoch }]
    return auditEntry({ at, by, action: 'change-stage', collection: name, reason, before, after })
  })
  const change = { key, ifRevision: known?.revision ?? null, value: { epoch: last.epoch } }
  return (await context.ledger.commit([change], entries)).kind === 'committed' ? missed.length : 0
}

/** The epoch of the latest stage change that the audit trail holds. */
export function auditedKey(collection: string): string {
  return `audited/${collection}`
}

function epochIn(known: Awaited<ReturnType<Ledger['read']>>): number {
  return (known?.value as { epoch: number } | undefined)?.epoch ?? 0
}
