import { COMPONENT_NAME, type Component } from '../../core/component.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { auditEntry } from '../audit.js'
import { holdersOf } from '../autopilot/holders.js'
import { keyOfComponent, listComponents } from '../components.js'
import type { EngineContext } from '../context.js'
import { readNamedFlag } from '../flags/flags.js'
import type { Mover } from '../stages/move.js'
import { stateEntry } from '../state/journal.js'

type Declared = Extract<Component, { kind: 'flag' }>

/**
 * Declares a part of a system that a flag switches from the path `legacy` to the path `new`. The flag must be there.
 * Declared again with the same flag, it gets the new description; with another flag, it is a `conflict`.
 */
export async function declareComponent(
  context: EngineContext,
  wanted: Omit<Declared, 'kind'>,
  mover: Mover,
): Promise<Declared> {
  const { name, flag, description } = wanted
  if (!COMPONENT_NAME.test(name))
    throw new CutoverError('invalid-input', 'A component is named by 1 to 64 of [a-z0-9_-], a letter first.')
  if (context.collections.some((collection) => collection.name === name))
    throw new CutoverError('conflict', `${name} is a collection, and a component by itself.`)
  await readNamedFlag(context, flag)
  const component: Declared = { name, kind: 'flag', flag, description }
  const key = keyOfComponent(name)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await context.ledger.read(key)
    const before = held === null ? null : (held.value as unknown as Declared)
    if (before !== null && before.flag !== flag)
      throw new CutoverError('conflict', `${name} is switched by the flag ${before.flag}. Remove it first.`)
    if (before?.description === description) return before
    if (before === null) await mustHaveRoom(context)
    const change = { key, ifRevision: held?.revision ?? null, value: component as unknown as Json }
    const told = entriesOf(context, { name, action: 'declare-component', before, after: component }, mover)
    if ((await context.ledger.commit([change], told)).kind === 'committed') return component
  }
  throw contended(name)
}

/** Takes a declared component away; its flag stays. `conflict` while a plan is at work on it. */
export async function removeComponent(context: EngineContext, name: string, mover: Mover): Promise<Declared> {
  if (context.collections.some((collection) => collection.name === name))
    throw new CutoverError('conflict', `${name} is a collection, which is always a component.`)
  const key = keyOfComponent(name)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = COMPONENT_NAME.test(name) ? await context.ledger.read(key) : null
    if (held === null) throw new CutoverError('not-found', `There is no declared component ${JSON.stringify(name)}.`)
    const plan = (await holdersOf(context, [name])).get(name)
    if (plan !== undefined) throw new CutoverError('conflict', `The plan ${plan} is at work on ${name}.`)
    const before = held.value as unknown as Declared
    const change = { key, ifRevision: held.revision, value: undefined }
    const told = entriesOf(context, { name, action: 'remove-component', before, after: null }, mover)
    if ((await context.ledger.commit([change], told)).kind === 'committed') return before
  }
  throw contended(name)
}

const ATTEMPTS_MAX = 5
/** So that one page holds all of them. */
const DECLARED_MAX = 200

async function mustHaveRoom(context: EngineContext): Promise<void> {
  const declared = (await listComponents(context)).filter(({ kind }) => kind === 'flag')
  if (declared.length >= DECLARED_MAX)
    throw new CutoverError('too-large', `There are ${DECLARED_MAX} declared components. Remove one that is through.`)
}

function entriesOf(
  { clock }: EngineContext,
  told: { name: string; action: string; before: Declared | null; after: Declared | null },
  { by, reason }: Mover,
) {
  const { name, action, before, after } = told
  const at = clock.now()
  const what = after === null ? 'removed' : 'declared'
  const flag = (after ?? before)?.flag ?? null
  const audited = { before: before as unknown as Json, after: after as unknown as Json }
  return [
    auditEntry({ at, by, action, collection: null, reason, ...audited }),
    stateEntry('component', { at, component: name, what, flag, by, reason }),
  ]
}

function contended(name: string): CutoverError {
  return new CutoverError('contended', `The component ${name} was changed by others at the same moment. Try again.`)
}
