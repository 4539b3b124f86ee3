import { isDeepStrictEqual } from 'node:util'
import type { Copy } from '../../lib/core/copy.js'
import { slotState } from '../../lib/core/fence.js'
import { slotOf } from '../../lib/core/slot.js'
import { isStrict } from '../../lib/core/stage.js'
import { behaviourOf, type Program } from './behaviour.js'
import { caller } from './caller.js'
import { client, textOf } from './client.js'
import { type Deed, operator } from './desk.js'
import { monitorOf, type Operation, type Value } from './monitor.js'
import type { Setting } from './place.js'
import type { Ask, Request } from './requests.js'
import { COLLECTION, numbered, type SourceStates, sourceStates, type TargetStates, targetStates } from './stores.js'
import type { Bounds, Process, Whole } from './whole.js'

/** One search: what happened before, who is at work, and how much may go wrong. */
export interface Chain {
  name: string
  /** Done in this order, by nobody else, before anything else. */
  before: readonly (Deed | Operation)[]
  clients: readonly Client[]
  operators: readonly (readonly Deed[])[]
  bounds?: Partial<Bounds>
  /** Requests of the operators may go astray too. */
  operatorsMishap?: boolean
  /** What reaches the source is reads and conditional writes of the whole document. */
  documents?: boolean
  /** Clients go through the whole data plane, which knows what comes after the last day. */
  dataPlane?: boolean
  /** There the first request that is not answered uses up an operation's time. */
  hasty?: boolean
  /** Text of each record at the start; `null`: there is none. */
  records?: { [id: string]: Value }
}

export interface Client extends Operation {
  /** Names of clients that must have been answered before, and numbers of operators that must have ended. */
  after?: readonly (string | number)[]
  /** Its instance has heard of the latest stage just before. */
  fresh?: boolean
  /** Processes that try it, each for itself. */
  attempts?: number
}

const BOUNDS: Bounds = { mishaps: 0, strays: 0, jumps: 0, losses: 0, leases: false }

/** `programs`: what is searched in place of the product's own, by the name of the client. */
export async function wholeOf(chain: Chain, programs: { [client: string]: Program } = {}): Promise<Whole> {
  const bounds = { ...BOUNDS, ...chain.bounds }
  const setting: Setting = { leases: bounds.leases, losses: bounds.losses > 0, documents: chain.documents ?? false }
  const [source, target] = [sourceStates(), targetStates()]
  const requests = numbered<Request>(({ key }) => key)
  const records = chain.records ?? { k: 'old' }
  const initial = await prologue(chain, records, { source, target, requests: requests.numberOf }, setting)
  const { fence } = await source.open(initial.source).control()
  const { values, versions } = await shown(Object.keys(records), source, target, initial)
  const attempts = attemptsOf(chain)
  const operations = attempts.map(({ client }) => ({ ...client, repeated: (client.attempts ?? 1) > 1 }))
  const before = [...values].flatMap(([id, text]): [string, number][] => [[id, versions.get(text ?? '') ?? 0]])
  const monitor = monitorOf(operations, values, new Map(before))
  const numbers = { request: requests.numberOf, event: monitor.numberOf }
  const processes: Process[] = []
  for (const [of, { client: one, attempt }] of attempts.entries()) {
    const own = chain.dataPlane
      ? caller(one, of, setting, chain.hasty ?? false)
      : client(one, of, { fence, versions, fresh: one.fresh }, setting)
    const program = programs[one.name] ?? own
    const name = attempt === 1 ? one.name : `${one.name}, attempt ${attempt}`
    processes.push({
      name,
      behaviour: await behaviourOf(name, program, numbers),
      invoked: monitor.numberOf({ kind: 'invoked', of }),
      after: (one.after ?? []).map((name) => placeOf(chain, name)),
      mishaps: true,
    })
  }
  for (const [at, deeds] of chain.operators.entries()) {
    const name = `operator ${at}`
    const behaviour = await behaviourOf(name, operator(deeds, setting), numbers)
    processes.push({ name, behaviour, invoked: null, after: [], mishaps: chain.operatorsMishap ?? false })
  }
  return {
    processes,
    source,
    target,
    initial: { ...initial, epoch: fence.epoch },
    monitor,
    requestOf: requests.at,
    invariant: setting.losses ? async () => null : (a, b) => wrongWith(source, target, Object.keys(records), a, b),
    bounds,
  }
}

/** Each is an operation of its own to the outside. */
function attemptsOf({ clients }: Chain): { client: Client; attempt: number }[] {
  return clients.flatMap((client) =>
    Array.from({ length: client.attempts ?? 1 }, (_, at) => ({ client, attempt: at + 1 })),
  )
}

function placeOf(chain: Chain, name: string | number): number {
  const attempts = attemptsOf(chain)
  const at =
    typeof name === 'number' ? attempts.length + name : attempts.findIndex(({ client }) => client.name === name)
  if (at < 0) throw new Error(`There is no client ${name}.`)
  return at
}

interface Board {
  source: SourceStates
  target: TargetStates
  requests: (request: Request) => number
}

async function prologue(
  { before }: Chain,
  records: { [id: string]: Value },
  { source, target, requests }: Board,
  setting: Setting,
): Promise<{ source: number; target: number }> {
  const held = Object.entries(records).flatMap(([id, text]) => (text === null ? [] : [[id, { id, text }]]))
  const now = { source: source.numberOf(JSON.stringify(Object.fromEntries(held))), target: target.empty }
  let asked = 0
  const ask: Ask = async (request) => {
    asked += 1
    if (request.store === 'world') return { answer: { value: 'held' }, doubtful: false }
    const keyed = request.key === '' ? { ...request, key: `before ${asked}` } : request
    const outcome = await (request.store === 'source' ? source : target).after(
      now[request.store],
      0,
      keyed,
      requests(keyed),
    )
    now[request.store] = outcome.state
    return { answer: { value: outcome.answer }, doubtful: false }
  }
  const emit = (event: { kind: string }): void => {
    if (!['read', 'written'].includes(event.kind)) throw new Error(`Before the chain: ${JSON.stringify(event)}`)
  }
  for (const one of before) {
    const { fence } = await source.open(now.source).control()
    const program: Program =
      typeof one === 'object' && 'act' in one
        ? client(one, 0, { fence, versions: new Map() }, setting)
        : operator([one], setting, true)
    await program({ ask, emit })
  }
  return now
}

/** What a client can see when the chain begins. */
async function shown(
  ids: readonly string[],
  source: SourceStates,
  target: TargetStates,
  at: { source: number; target: number },
): Promise<{ values: Map<string, Value>; versions: Map<string, number> }> {
  const values = new Map<string, Value>()
  const versions = new Map<string, number>()
  for (const id of ids) {
    const here: Copy | null = (await source.open(at.source).get(id)).copy
    const there: Copy | null = (await target.open(at.target).get(id)).copy
    const copy = (there?.version ?? 0) > (here?.version ?? 0) ? there : here
    const text = textOf(copy?.value ?? null)
    values.set(id, text)
    if (copy !== null && text !== null) versions.set(text, copy.version)
  }
  return { values, versions }
}

/**
 * What is true of the stores at every moment in the strict stages, once the target is known to be full: the source is
 * never ahead, and what is not open is equal.
 */
async function wrongWith(
  source: SourceStates,
  target: TargetStates,
  ids: readonly string[],
  here: number,
  there: number,
): Promise<string | null> {
  const [a, b] = [source.open(here), target.open(there)]
  const { fence } = await a.control()
  if ((await b.control()).fence?.epoch !== fence.epoch) return null
  for (const id of ids) {
    const { stage, fullTarget } = slotState(fence, slotOf(COLLECTION, id))
    if (!isStrict(stage) || !fullTarget) continue
    const [at, held] = [(await a.get(id)).copy, (await b.get(id)).copy]
    if ((at?.version ?? 0) > (held?.version ?? 0)) return `In ${stage} the source is ahead of a full target.`
    if (held === null || held.open) continue
    const same = at?.version === held.version && at.op === held.op && isDeepStrictEqual(at.value, held.value)
    if (!same) {
      return `In ${stage} the stores of ${COLLECTION} differ in a copy that is not open.`
    }
  }
  return null
}
