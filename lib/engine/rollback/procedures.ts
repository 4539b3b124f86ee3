import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { checkProcedure } from '../../core/rollback/check.js'
import { BUILT_IN, FLAG_AT_ONCE, type Procedure, toSource } from '../../core/rollback/procedure.js'
import type { Stage } from '../../core/stage.js'
import { auditEntry } from '../audit.js'
import { componentOf } from '../components.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'

const KEPT = 'procedure/'
const FOR = 'procedure-for/'
const LIST_MAX = 200
const ATTEMPTS_MAX = 5

/** Those that are always there, then those that operators have put, by name. */
export async function listProcedures({ ledger }: Pick<EngineContext, 'ledger'>): Promise<Procedure[]> {
  const { items } = await ledger.list(KEPT, null, LIST_MAX)
  return [...BUILT_IN, ...items.map(({ value }) => value as unknown as Procedure)]
}

/** Throws `not-found` naming the procedures that there are. */
export async function readProcedure(context: Pick<EngineContext, 'ledger'>, name: string): Promise<Procedure> {
  const builtIn = BUILT_IN.find((one) => one.name === name)
  if (builtIn !== undefined) return builtIn
  const held = await context.ledger.read(KEPT + name.slice(0, NAME_CHARS_MAX))
  if (held !== null) return held.value as unknown as Procedure
  const names = (await listProcedures(context)).map((one) => one.name).join(', ')
  throw new CutoverError('not-found', `There is no procedure ${JSON.stringify(name)}. There are: ${names}.`)
}

const NAME_CHARS_MAX = 64

/** Keeps a procedure, checked, in place of one of the same name. With a component, it is what that is rolled back by. */
export async function putProcedure(context: EngineContext, wanted: Procedure, mover: Mover): Promise<Procedure> {
  const procedure = checkProcedure(wanted)
  const { component } = procedure
  if (component !== undefined) {
    const { kind } = await componentOf(context, component)
    if (kind !== procedure.for)
      throw new CutoverError(
        'invalid-input',
        `The procedure ${procedure.name} is for a ${procedure.for}, and ${component} is a ${kind}. Give "for": "${kind}".`,
      )
  }
  const { ledger, clock } = context
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await ledger.read(KEPT + procedure.name)
    const change = { key: KEPT + procedure.name, ifRevision: held?.revision ?? null, value: json(procedure) }
    const changes = component === undefined ? [change] : [change, await assign(context, component, procedure.name)]
    const entry = auditEntry({
      at: clock.now(),
      ...mover,
      action: 'put-procedure',
      collection: component ?? null,
      before: held?.value ?? null,
      after: json(procedure),
    })
    if ((await ledger.commit(changes, [entry])).kind === 'committed') return procedure
  }
  throw new CutoverError('contended', `The procedure ${procedure.name} is put by too many at once. Try again.`)
}

/** Removes a procedure that operators have put; components that had it are rolled back by the default again. */
export async function deleteProcedure(context: EngineContext, name: string, mover: Mover): Promise<Procedure> {
  const { ledger, clock } = context
  if (BUILT_IN.some((one) => one.name === name))
    throw new CutoverError('conflict', `The procedure ${name} is a default and stays.`)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const procedure = await readProcedure(context, name)
    const held = await ledger.read(KEPT + name)
    if (held === null) continue
    const { items } = await ledger.list(FOR, null, LIST_MAX)
    const assigned = items.filter(({ value }) => (value as unknown as Assigned).procedure === name)
    const changes = [{ key: KEPT + name, revision: held.revision }, ...assigned].map(({ key, revision }) => ({
      key,
      ifRevision: revision,
      value: undefined,
    }))
    const about = { action: 'delete-procedure', collection: procedure.component ?? null }
    const entry = auditEntry({ at: clock.now(), ...mover, ...about, before: json(procedure), after: null })
    if ((await ledger.commit(changes, [entry])).kind === 'committed') return procedure
  }
  throw new CutoverError('contended', `The procedure ${name} is changed by too many at once. Try again.`)
}

async function assign({ ledger }: EngineContext, component: string, procedure: string) {
  const held = await ledger.read(FOR + component)
  return { key: FOR + component, ifRevision: held?.revision ?? null, value: { procedure } }
}

/**
 * What a component is rolled back by: the procedure asked for, else its own, else the default of its kind. `to` bends
 * the default of collections alone.
 */
export async function procedureFor(
  context: EngineContext,
  component: string,
  kind: Procedure['for'],
  asked: { procedure?: string | undefined; to?: Stage | undefined },
): Promise<Procedure> {
  const builtIn = kind === 'collection' ? toSource(asked.to) : FLAG_AT_ONCE
  if (asked.procedure === builtIn.name) return builtIn
  if (asked.procedure === undefined && asked.to !== undefined) return builtIn
  const own =
    asked.procedure ?? ((await context.ledger.read(FOR + component))?.value as Assigned | undefined)?.procedure
  if (own === undefined) return builtIn
  const procedure = await readProcedure(context, own)
  if (procedure.for === kind) return procedure
  throw new CutoverError(
    'invalid-input',
    `The procedure ${own} is for a ${procedure.for}, and ${component} is a ${kind}. Choose another.`,
  )
}

interface Assigned {
  procedure: string
}

function json(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
