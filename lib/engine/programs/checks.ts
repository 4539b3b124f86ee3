import { CHECKPOINT_KINDS, type CheckpointOutcome, type Rule } from '../../core/checkpoint/checkpoint.js'
import { ruleOf } from '../../core/checkpoint/rule.js'
import { CutoverError } from '../../core/error.js'
import type { CheckOutcome } from '../../core/program/advance.js'
import { askCheck } from '../checkpoints/ask.js'
import { readEntries } from '../checkpoints/entries.js'
import { listPhaseChecks, readPhaseCheck } from '../checkpoints/named.js'
import type { EngineContext } from '../context.js'
import { streamOfKind } from '../state/journal.js'
import type { AskedCheck } from './parts.js'

/**
 * What a check after a phase came to, and the asking for it. The check is told apart by the attempt of the phase, which is
 * written into it; that it was asked for is claimed first, so that turns at once ask for one.
 *
 * A crash between the claim and the asking: it is asked for again after `AGAIN_MS`. A check that came to nothing, for
 * want of evidence, too. Two of them change nothing but what is read.
 */
export async function weighCheck(context: EngineContext, asked: AskedCheck): Promise<CheckOutcome> {
  const { component, check, plan } = asked
  const settled = await settledCheck(context, asked)
  const of = `check ${check} of ${component}`
  if (settled !== null && settled.outcome !== 'not-enough-evidence')
    return {
      outcome: settled.outcome === 'pass' ? 'pass' : 'fail',
      because: `${of}: ${settled.outcome} (${settled.id})`,
    }
  const why = settled === null ? 'not made yet' : `not enough evidence (${settled.id})`
  const waits: CheckOutcome = { outcome: 'not-enough-evidence', because: `${of}: ${why}` }
  if (!(await claim(context, `program-check/${plan}/${check}/${component}`))) return waits
  try {
    const request = { component, phase: plan, name: check, rules: await rulesOf(context, check) }
    await askCheck(context, request, { by: 'programs', reason: `phase ${asked.phase} of the program ${asked.program}` })
  } catch (error) {
    // Such as another run that is under way on the collection: it is asked for again.
    if (!(error instanceof CutoverError) || error.code === 'unavailable') throw error
    return { ...waits, because: `${of}: ${error.message}` }
  }
  return waits
}

/** Names of checks that a phase may ask for: those that operators have put together, and every kind of checkpoint. */
export async function checkNames(context: EngineContext): Promise<Set<string>> {
  return new Set([...CHECKPOINT_KINDS, ...(await listPhaseChecks(context)).map(({ name }) => name)])
}

async function rulesOf(context: EngineContext, check: string): Promise<readonly Rule[]> {
  const kind = CHECKPOINT_KINDS.find((one) => one === check)
  return kind === undefined ? (await readPhaseCheck(context, check)).rules : [ruleOf({ kind })]
}

interface WholeEntry {
  at: number
  component: string
  phase: string | null
  name: string | null
  id: string
  outcome: CheckpointOutcome
}

/** The latest that was settled for this attempt. */
async function settledCheck({ ledger }: EngineContext, asked: AskedCheck): Promise<WholeEntry | null> {
  const { component, check, plan, since } = asked
  const query = { component, phase: plan, since: since - CLOCKS_DIFFER_MS, limit: ENTRIES_MAX }
  const { items } = await readEntries<WholeEntry>(ledger, streamOfKind('phase-check'), query)
  return items.find(({ name }) => name === check) ?? null
}

const CLOCKS_DIFFER_MS = 60_000
const ENTRIES_MAX = 100
/** A check that came to nothing is asked for again after this, then after twice as long, and so on. */
const AGAIN_MS = 60_000
const AGAIN_MS_MAX = 3_600_000

interface Asking {
  askedAt: number | null
  times: number
}

/** Whether it is this caller's to ask for now. */
async function claim({ ledger, clock }: EngineContext, key: string): Promise<boolean> {
  const held = await ledger.read(key)
  const now = clock.now()
  const { askedAt, times } = (held?.value as unknown as Asking | undefined) ?? { askedAt: null, times: 0 }
  if (askedAt !== null && now - askedAt < Math.min(AGAIN_MS * 2 ** (times - 1), AGAIN_MS_MAX)) return false
  const change = { key, ifRevision: held?.revision ?? null, value: { askedAt: now, times: times + 1 } }
  return (await ledger.commit([change])).kind === 'committed'
}
