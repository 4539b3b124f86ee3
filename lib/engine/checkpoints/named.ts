import { CHECKPOINT_KINDS, type Rule } from '../../core/checkpoint/checkpoint.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { auditEntry } from '../audit.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'

/** Checkpoints that must pass together before a phase is left, under a name, for any component. */
export interface PhaseCheck {
  name: string
  description: string
  rules: Rule[]
  by: string
  /** Wall-clock milliseconds. */
  at: number
}

const KEPT = 'phase-check/'
const PHASE_CHECKS_MAX = 200
export const RULES_MAX = 20
export const PHASE_CHECK_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/
const ATTEMPTS_MAX = 5

export async function listPhaseChecks({ ledger }: Pick<EngineContext, 'ledger'>): Promise<PhaseCheck[]> {
  const { items } = await ledger.list(KEPT, null, PHASE_CHECKS_MAX)
  return items.map(({ value }) => value as unknown as PhaseCheck)
}

/** Throws `not-found` naming those that there are. */
export async function readPhaseCheck(context: Pick<EngineContext, 'ledger'>, name: string): Promise<PhaseCheck> {
  const held = PHASE_CHECK_NAME.test(name) ? await context.ledger.read(KEPT + name) : null
  if (held !== null) return held.value as unknown as PhaseCheck
  const names = (await listPhaseChecks(context)).map((check) => check.name).join(', ')
  throw new CutoverError('not-found', `There is no phase check of this name. There are: ${names || 'none'}.`)
}

/** Makes or replaces it; checks that are under way keep the rules that they were begun with. */
export async function putPhaseCheck(
  context: Pick<EngineContext, 'ledger' | 'clock'>,
  wanted: { name: string; description: string; rules: readonly Rule[] },
  { by, reason }: Mover,
): Promise<PhaseCheck> {
  const { name, description, rules } = wanted
  const isKnown = rules.every(({ kind }) => CHECKPOINT_KINDS.includes(kind))
  if (!PHASE_CHECK_NAME.test(name) || !isKnown || rules.length === 0 || rules.length > RULES_MAX) {
    throw new CutoverError('invalid-input', `A phase check has a name and 1 to ${RULES_MAX} checkpoints.`)
  }
  const check: PhaseCheck = { name, description, rules: [...rules], by, at: context.clock.now() }
  await change(context, name, check as unknown as Json, { by, reason, action: 'put-phase-check' })
  return check
}

/** Throws `not-found`. */
export async function removePhaseCheck(
  context: Pick<EngineContext, 'ledger' | 'clock'>,
  name: string,
  { by, reason }: Mover,
): Promise<PhaseCheck> {
  const check = await readPhaseCheck(context, name)
  await change(context, name, undefined, { by, reason, action: 'remove-phase-check' })
  return check
}

async function change(
  { ledger, clock }: Pick<EngineContext, 'ledger' | 'clock'>,
  name: string,
  value: Json | undefined,
  { by, reason, action }: Mover & { action: string },
): Promise<void> {
  const key = KEPT + name
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await ledger.read(key)
    if (held === null && value === undefined) return
    const after = value ?? null
    const entry = auditEntry({
      at: clock.now(),
      by,
      action,
      collection: null,
      reason,
      before: held?.value ?? null,
      after,
    })
    if ((await ledger.commit([{ key, ifRevision: held?.revision ?? null, value }], [entry])).kind === 'committed')
      return
  }
  throw new CutoverError('contended', `The phase check ${name} is changed by too many at once. Try again.`)
}
