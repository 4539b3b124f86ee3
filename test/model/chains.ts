import type { Move } from '../../lib/core/transition.js'
import type { Deed } from './actors.js'
import type { Chain, Client } from './chain.js'
import type { Write } from './monitor.js'
import type { Bounds } from './whole.js'

/**
 * What is searched: every chain of stage changes that operators can make in two steps, with clients at work; and, one
 * by one, what else the protocol stands on. `WIDE` chains have one more writer, or one more request that goes astray,
 * or a whole pass between other steps, and are for a search that has more time.
 */
const up: Move = { direction: 'up' }
const down: Move = { direction: 'down' }
const backToDualwrite: Deed = { direction: 'down', to: 'dualwrite' }
const toRampdown: Deed = { direction: 'up', to: 'rampdown' }

const TO: { [stage: string]: readonly Deed[] } = {
  off: [],
  dualwrite: [up],
  shadow: [up, up],
  full: [up, up, 'pass'],
  live: [up, up, 'pass', up],
  rampdown: [up, up, 'pass', up, up],
  complete: [up, up, 'pass', up, up, up],
}

/** From which stage, and what an operator does there. */
type Moves = readonly (readonly [from: string, deeds: readonly Deed[]])[]

function to(stage: string): readonly Deed[] {
  const deeds = TO[stage]
  if (deeds === undefined) throw new Error(`There is no way to ${stage}.`)
  return deeds
}

function read(name: string, ...after: (string | number)[]): Client {
  return { name, id: 'k', act: 'read', after }
}

function put(name: string, ...after: (string | number)[]): Client {
  return write(name, { change: { put: name }, only: null }, ...after)
}

function write(name: string, act: Write, ...after: (string | number)[]): Client {
  return { name, id: 'k', act, after }
}

const remove: Write = { change: 'delete', only: null }
const create: Write = { change: { put: 'created' }, only: 'absent' }
const replace: Write = { change: { put: 'replaced' }, only: { is: 'old' } }

const one = { mishaps: 1, strays: 1 }

/** Stage changes by one operator, under two writers and a reader. */
const changes: Chain[] = (
  [
    ['off', [up, up]],
    ['off', [up, down]],
    ['dualwrite', [up, down]],
    ['shadow', [down, up]],
    ['shadow', [down, down]],
    ['full', [up, down]],
    ['full', [up, up]],
    ['full', [toRampdown, down]],
    ['full', [down, up]],
    ['live', [up, up]],
    ['live', [up, down]],
    ['live', [down, up]],
    ['live', [down, down]],
    ['live', [backToDualwrite, up]],
    ['rampdown', [down, up]],
    ['rampdown', [down, down]],
    ['rampdown', [up, down]],
    ['complete', [down, down]],
  ] as const
).map(([from, deeds]) => ({
  name: `${from}: ${deeds.map(nameOf).join(', ')}`,
  before: to(from),
  clients: [put('w1'), put('w2', 'w1'), read('r1')],
  operators: [deeds],
  bounds: one,
}))

function nameOf(deed: Deed): string {
  if (typeof deed === 'string') return deed
  if (!('direction' in deed)) return `pass around ${deed.passAround.map(nameOf).join(' and ')}`
  const share = deed.rolloutPercent === undefined ? '' : ` ${deed.rolloutPercent} %`
  return `${deed.direction}${deed.to === undefined ? '' : ` to ${deed.to}`}${share}`
}

const other: Write = { change: { put: 'other' }, only: { is: 'old' } }

const adding = (name: string): Client => write(name, { change: { add: name }, only: null })

const PAIRS: { [what: string]: readonly Client[] } = {
  'replace, put': [write('c1', replace), put('w2'), read('r1')],
  'replace, replace': [write('c1', replace), write('c2', other), read('r1')],
  'delete, create': [write('d1', remove), write('c2', create)],
  'add, add': [adding('a1'), adding('a2')],
}

/** Conditions, deletions and additions: judged on what is there, at most once, through a stage change. */
const conditions = (moves: Moves, pairs = PAIRS): Chain[] =>
  moves.flatMap(([from, deeds]) =>
    Object.entries(pairs).map(([what, clients]) => ({
      name: `${what}; ${from}: ${deeds.map(nameOf).join(', ')}`,
      before: to(from),
      clients,
      operators: [deeds],
      bounds: one,
    })),
  )

const conditionMoves = [
  ['dualwrite', [up]],
  ['shadow', [down]],
  ['full', [up]],
  ['live', [down]],
  ['live', [up]],
  ['live', [backToDualwrite]],
  ['rampdown', [down]],
] as const

/** A client that tries again under the same name, from another process, while stages change. */
const named = (moves: Moves): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `named, twice; ${from}: ${deeds.map(nameOf).join(', ')}`,
    before: to(from),
    clients: [{ ...adding('n.p'), attempts: 2 }],
    operators: [deeds],
    bounds: one,
  }))

/** Operations are forgotten in time; what comes after that is refused by its lateness. */
const forgetting: Chain[] = ['dualwrite', 'full', 'live', 'rampdown', 'complete'].map((from) => ({
  name: `forgetting; ${from}`,
  before: to(from),
  clients: [put('w1'), put('w2'), read('r1')],
  operators: [],
  bounds: { ...one, jumps: 3 },
}))

const underPasses: Moves = [
  ['shadow', ['pass', up]],
  ['live', ['pass', down]],
  ['rampdown', [down, 'pass', down]],
  ['shadow', [{ passAround: [down, up] }, up]],
  ['rampdown', [down, { passAround: [up, down] }, down]],
]

/** A pass under a write, and what it makes possible; alone, and while stages change under it. */
const passes: Chain[] = underPasses.map(([from, deeds]) => ({
  name: `pass; ${from}: ${deeds.map(nameOf).join(', ')}`,
  before: to(from),
  clients: [put('w1'), read('r1')],
  operators: [deeds],
}))

/** A pass over a record whose own stage stays, while the epoch goes on for others. */
const passUnderOthers: Chain = {
  name: 'pass; dualwrite: pass, up | the rest: up',
  before: [up, { ...up, rolloutPercent: 70 }],
  clients: [put('w1'), read('r1', 0)],
  operators: [['pass', { direction: 'up', to: 'live', rolloutPercent: 70 }], [up]],
}

/** Two operators who know nothing of each other, and whose requests go astray as well. */
const operators = (moves: readonly (readonly [string, readonly Deed[], readonly Deed[]])[]): Chain[] =>
  moves.map(([from, first, second]) => ({
    name: `two operators; ${from}: ${first.map(nameOf).join(', ')} | ${second.map(nameOf).join(', ')}`,
    before: to(from),
    clients: [put('w1'), read('r1')],
    operators: [first, second],
    operatorsMishap: true,
    bounds: one,
  }))

/** A store is left behind, and comes back. */
const leavingBehind = (moves: Moves): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `${from}: ${deeds.map(nameOf).join(', ')}`,
    before: to(from),
    clients: [put('w1'), read('r1'), read('r2', 'r1')],
    operators: [deeds],
    bounds: { ...one, leases: true },
  }))

/** The target is set back to an earlier state, and recovered; nothing is late. */
const losses = (clients: readonly Client[], deeds: readonly Deed[]): Chain => ({
  name: `set back; full: ${deeds.map(nameOf).join(', ')}; ${clients.map(({ name }) => name).join(', ')}`,
  before: to('full'),
  clients,
  operators: [deeds],
  bounds: { losses: 1 },
})

/** At 70 % the record `k` is moved, and `j` is not. */
const shared: Moves = [
  ['dualwrite', [{ ...up, rolloutPercent: 70 }, up]],
  ['full', [{ ...up, rolloutPercent: 70 }, up]],
  ['live', [{ ...down, rolloutPercent: 70 }, down]],
  ['rampdown', [{ ...down, rolloutPercent: 70 }]],
]

/** Two records in one document, one of which goes ahead. */
const shares = (bounds: Partial<Bounds>): Chain[] =>
  shared.map(([from, deeds]) => ({
    name: `two records; ${from}: ${deeds.map(nameOf).join(', ')}${bounds === one ? '; astray' : ''}`,
    before: to(from),
    clients: [put('w1'), { ...put('w2'), id: 'j' }, read('r1'), { ...read('r2'), id: 'j' }],
    operators: [deeds],
    bounds,
    records: { k: 'old', j: 'older' },
  }))

/** The document itself, read and written as a whole by several processes, each at its own time. */
const documents = (moves: Moves, bounds: Partial<Bounds> = {}): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `one document; ${from}: ${deeds.map(nameOf).join(', ')}${bounds === one ? '; astray' : ''}`,
    before: to(from),
    clients: [put('w1'), { ...put('w2'), id: 'j' }, read('r1')],
    operators: [deeds],
    bounds,
    records: { k: 'old', j: 'older' },
    documents: true,
  }))

export const CHAINS: readonly Chain[] = [
  ...changes,
  ...conditions(conditionMoves),
  ...named([
    ['dualwrite', [up]],
    ['shadow', [down]],
    ['live', [backToDualwrite]],
    ['full', [toRampdown]],
    ['live', [up]],
  ]),
  ...forgetting,
  ...passes,
  passUnderOthers,
  ...operators([['dualwrite', [up], [up]]]),
  ...leavingBehind([
    ['full', ['leave-target-behind', 'reconcile']],
    ['full', ['leave-source-behind', 'reconcile']],
    ['live', ['leave-target-behind', 'reconcile']],
    ['live', ['leave-source-behind', 'reconcile']],
  ]),
  losses([put('w1'), put('w2'), read('r1')], ['recover']),
  losses([put('w1'), read('r1')], ['recover', 'pass']),
  ...shares({}),
  ...documents([
    ['dualwrite', [up]],
    ['full', [up]],
    ['rampdown', [down]],
  ]),
]

export const WIDE: readonly Chain[] = [
  ...changes.map((chain) => ({
    ...chain,
    name: `${chain.name}; side by side`,
    clients: [put('w1'), put('w2'), read('r1')],
    bounds: { mishaps: 2, strays: 2 },
  })),
  ...conditions(conditionMoves, { 'add, add, seen': [adding('a1'), adding('a2'), read('r1')] }),
  ...conditions([['shadow', ['pass', up]]]),
  ...named([['rampdown', [down]]]),
  ...operators([
    ['shadow', [down], ['pass', up]],
    ['full', [up], [down]],
    ['live', [up], [down]],
    ['live', [backToDualwrite], [up]],
    ['rampdown', [down], [up]],
    ['live', [down], ['pass']],
    ['rampdown', [down, 'pass', down], ['reconcile']],
  ]),
  ...leavingBehind([
    ['live', ['leave-target-behind', up]],
    ['live', ['leave-source-behind', down]],
  ]),
  losses([put('w1'), put('w2'), read('r1')], ['recover', 'pass', up]),
  ...shares(one),
  ...documents([['live', [backToDualwrite]]]),
  ...documents(
    [
      ['dualwrite', [up]],
      ['full', [up]],
      ['rampdown', [down]],
    ],
    one,
  ),
]
