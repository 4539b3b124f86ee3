import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { checkRule } from '../../core/monitor/check-rule.js'
import { SHIPPED_RULES } from '../../core/monitor/default-rules.js'
import { EVERY_COMPONENT, type Rule } from '../../core/monitor/rule.js'
import { auditEntry } from '../audit.js'
import { componentOf } from '../components.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'
import { type HeldRule, keyOfRule, RULES_MAX, storedRules } from './kept.js'

/** A rule and where it comes from: 0 is the revision of one that is shipped and was never stored. */
export interface KnownRule {
  rule: Rule
  revision: number
  from: 'shipped' | 'stored'
}

export type RuleChange =
  | { kind: 'changed'; known: KnownRule }
  | { kind: 'refused'; reason: 'revision-moved' | 'shipped' }

type Context = Pick<EngineContext, 'ledger' | 'clock' | 'collections'>

/** Shipped and stored ones by name; what is stored for every component stands in place of what is shipped. */
export async function listRules(context: Context): Promise<KnownRule[]> {
  const stored = (await storedRules(context)).map(asStored)
  const isStored = (rule: Rule): boolean =>
    stored.some(({ rule: { name, component } }) => name === rule.name && component === rule.component)
  const shipped = SHIPPED_RULES.filter((rule) => !isStored(rule)).map(asShipped)
  const inOrder = ({ rule }: KnownRule): string => `${rule.name} ${rule.component}`
  return [...shipped, ...stored].sort((a, b) => (inOrder(a) < inOrder(b) ? -1 : 1))
}

/** The rule for this component if there is one, or else the one for every component. */
export async function readRule(context: Context, name: string, component = EVERY_COMPONENT): Promise<KnownRule> {
  const named = (await listRules(context)).filter(({ rule }) => rule.name === name)
  const found = [component, EVERY_COMPONENT].map((of) => named.find(({ rule }) => rule.component === of))
  const known = found.find((one) => one !== undefined)
  if (known !== undefined) return known
  throw new CutoverError(
    'not-found',
    `There is no rule ${JSON.stringify(name.slice(0, 64))}. list-rules names them all.`,
  )
}

/**
 * Stores a rule in place of what is there under its name for its component. With `ifRevision` only if that is what is
 * stored: 0 if nothing is. Of two at once one is refused.
 */
export async function putRule(
  context: Context,
  rule: Rule,
  mover: Mover,
  { ifRevision, action = 'put-rule' }: { ifRevision?: number | undefined; action?: string } = {},
): Promise<RuleChange> {
  checkRule(rule)
  if (rule.component !== EVERY_COMPONENT) await componentOf(context, rule.component)
  const before = await storedRule(context, rule)
  if (ifRevision !== undefined && ifRevision !== (before?.revision ?? 0))
    return { kind: 'refused', reason: 'revision-moved' }
  if (before === null) await checkRoom(context, rule.name)
  const answer = await commit(context, before, rule, rule, { ...mover, action })
  if (answer === null) return { kind: 'refused', reason: 'revision-moved' }
  return { kind: 'changed', known: { rule, revision: answer, from: 'stored' } }
}

/** What is shipped under the name holds again; a shipped rule itself cannot be deleted, only disarmed. */
export async function deleteRule(
  context: Context,
  { name, component }: Pick<Rule, 'name' | 'component'>,
  mover: Mover,
  ifRevision?: number,
): Promise<RuleChange> {
  const known = await readRule(context, name, component)
  if (known.rule.component !== component)
    throw new CutoverError('not-found', `There is no rule ${name} for ${component} alone.`)
  if (known.from === 'shipped') return { kind: 'refused', reason: 'shipped' }
  if (ifRevision !== undefined && ifRevision !== known.revision) return { kind: 'refused', reason: 'revision-moved' }
  const answer = await commit(context, known, known.rule, undefined, { ...mover, action: 'delete-rule' })
  return answer === null ? { kind: 'refused', reason: 'revision-moved' } : { kind: 'changed', known }
}

/** Arms or disarms a rule for its component, or for one that it is overridden for by this. */
export async function armRule(
  context: Context,
  { name, component }: Pick<Rule, 'name' | 'component'>,
  armed: boolean,
  mover: Mover,
): Promise<RuleChange> {
  const known = await readRule(context, name, component)
  const ifRevision = known.rule.component === component ? known.revision : 0
  const action = armed ? 'arm-rule' : 'disarm-rule'
  return putRule(context, { ...known.rule, component, armed }, mover, { ifRevision, action })
}

async function checkRoom(context: Context, name: string): Promise<void> {
  const stored = await storedRules(context)
  if (stored.length >= RULES_MAX)
    throw new CutoverError('conflict', `There are ${RULES_MAX} stored rules already. Delete one first.`)
  const names = new Set([...stored.map(({ rule }) => rule), ...SHIPPED_RULES].map((rule) => rule.name))
  if (!names.has(name) && names.size >= NAMES_MAX)
    throw new CutoverError('conflict', `There are rules of ${NAMES_MAX} names already. Delete one first.`)
}

/** All rules of a component are weighed in one commit, which takes 200 changes: at most four for each. */
const NAMES_MAX = 45

async function storedRule({ ledger }: Context, { name, component }: Rule): Promise<HeldRule | null> {
  const held = await ledger.read(keyOfRule(name, component))
  return held === null ? null : { revision: held.revision, rule: held.value as unknown as Rule }
}

/** `null`: somebody else has changed it. */
async function commit(
  { ledger, clock }: Context,
  before: HeldRule | null,
  { name, component }: Rule,
  after: Rule | undefined,
  { by, reason, action }: Mover & { action: string },
): Promise<number | null> {
  const value = after as unknown as Json | undefined
  const change = { key: keyOfRule(name, component), ifRevision: before?.revision ?? null, value }
  const entry = auditEntry({
    at: clock.now(),
    by,
    action,
    collection: component === EVERY_COMPONENT ? null : component,
    reason,
    before: (before?.rule ?? null) as unknown as Json,
    after: value ?? null,
  })
  const answer = await ledger.commit([change], [entry])
  return answer.kind === 'committed' ? (answer.revisions[0] ?? null) : null
}

function asStored({ rule, revision }: HeldRule): KnownRule {
  return { rule, revision, from: 'stored' }
}

function asShipped(rule: Rule): KnownRule {
  return { rule, revision: 0, from: 'shipped' }
}
