import type { Chain, Client } from './chain.js'
import type { Deed } from './desk.js'
import {
  adding,
  backToDualwrite,
  create,
  down,
  type Moves,
  nameOf,
  one,
  other,
  put,
  read,
  remove,
  replace,
  to,
  toRampdown,
  up,
  write,
} from './parts.js'
import type { Bounds } from './whole.js'

export const changeMoves: Moves = [
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
]

/** Stage changes by one operator, under a writer and a reader, or another writer as well. */
export const changes = (moves: Moves, others: readonly Client[] = []): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `${from}: ${deeds.map(nameOf).join(', ')}${others.length > 0 ? '; and another' : ''}`,
    before: to(from),
    clients: [put('w1'), ...others, read('r1')],
    operators: [deeds],
    bounds: one,
  }))

const PAIRS: { [what: string]: readonly Client[] } = {
  'replace, put': [write('c1', replace), put('w2'), read('r1')],
  'replace, replace': [write('c1', replace), write('c2', other), read('r1')],
  'delete, create': [write('d1', remove), write('c2', create)],
  'add, add': [adding('a1'), adding('a2')],
}

/** Conditions, deletions and additions: judged on what is there, at most once, through a stage change. */
export const conditions = (moves: Moves, pairs = PAIRS): Chain[] =>
  moves.flatMap(([from, deeds]) =>
    Object.entries(pairs).map(([what, clients]) => ({
      name: `${what}; ${from}: ${deeds.map(nameOf).join(', ')}`,
      before: to(from),
      clients,
      operators: [deeds],
      bounds: one,
    })),
  )

export const conditionMoves = [
  ['dualwrite', [up]],
  ['shadow', [down]],
  ['full', [up]],
  ['live', [down]],
  ['live', [up]],
  ['live', [backToDualwrite]],
  ['rampdown', [down]],
] as const

/** A client that tries again under the same name, from another process, while stages change. */
export const named = (moves: Moves, others: readonly Client[] = []): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `named, twice${others.length > 0 ? ', covered' : ''}; ${from}: ${deeds.map(nameOf).join(', ')}`,
    before: to(from),
    clients: [{ ...put('n.p'), attempts: 2 }, ...others],
    operators: [deeds],
    bounds: others.length > 0 ? {} : one,
  }))

/** The same with a condition: it is judged once, and whoever tries again is told what came of it. */
export const namedReplace = (moves: Moves, others: readonly Client[] = []): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `named, twice, replace${others.length > 0 ? ', covered' : ''}; ${from}: ${deeds.map(nameOf).join(', ')}`,
    before: to(from),
    clients: [{ ...write('n.c', replace), attempts: 2 }, ...others],
    operators: [deeds],
    bounds: others.length > 0 ? {} : one,
  }))

/** Operations are forgotten in time; what comes after that is refused by its lateness. */
export const forgetting: Chain[] = ['dualwrite', 'full', 'live', 'rampdown', 'complete'].map((from) => ({
  name: `forgetting; ${from}`,
  before: to(from),
  clients: [put('w1'), put('w2'), read('r1')],
  operators: [],
  bounds: { ...one, jumps: 3 },
}))

/** The clock of one instance is ahead of the stores': what they refuse now, they may take when it comes again. */
export const aheadOfClocks: Chain[] = ['full', 'live', 'rampdown', 'complete'].map((from) => ({
  name: `a clock ahead; ${from}`,
  before: to(from),
  clients: [{ ...put('w1'), jumpsAhead: 1 }, put('w2'), read('r1')],
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
export const passes: Chain[] = underPasses.map(([from, deeds]) => ({
  name: `pass; ${from}: ${deeds.map(nameOf).join(', ')}`,
  before: to(from),
  clients: [put('w1'), read('r1')],
  operators: [deeds],
}))

/** A pass over a record whose own stage stays, while the epoch goes on for others. */
export const passUnderOthers: Chain = {
  name: 'pass; dualwrite: pass, up | the rest: up',
  before: [up, { ...up, rolloutPercent: 70 }],
  clients: [put('w1'), read('r1', 0)],
  operators: [['pass', { direction: 'up', to: 'live', rolloutPercent: 70 }], [up]],
}

/** A write that sleeps while numbering changes hands twice, and another that has heard of it all. */
export const sleepers = (moves: Moves): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `asleep; ${from}: ${deeds.map(nameOf).join(', ')}`,
    before: to(from),
    clients: [adding('a1'), { ...put('w2'), fresh: true }, read('r1', 'a1')],
    operators: [deeds],
  }))

/** Two operators who know nothing of each other, and whose requests go astray as well. */
export const operators = (
  moves: readonly (readonly [string, readonly Deed[], readonly Deed[]])[],
  bounds: Partial<Bounds> = {},
): Chain[] =>
  moves.map(([from, first, second]) => ({
    name: `two operators; ${from}: ${first.map(nameOf).join(', ')} | ${second.map(nameOf).join(', ')}${bounds === one ? '; astray' : ''}`,
    before: to(from),
    clients: [put('w1'), read('r1')],
    operators: [first, second],
    operatorsMishap: true,
    bounds,
  }))

/** A store is left behind, and comes back; one writer has heard of it already. */
export const leavingBehind = (moves: Moves, fresh = false): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `${from}: ${deeds.map(nameOf).join(', ')}${fresh ? '; heard of' : ''}`,
    before: to(from),
    clients: fresh ? [{ ...put('w1'), fresh }, read('r1', 'w1')] : [put('w1'), read('r1'), read('r2', 'r1')],
    operators: [deeds],
    bounds: { ...one, leases: true },
  }))

/** One of the instances has heard of the stage change, and the other has not. */
export const heardOf = (moves: Moves): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `heard of; ${from}: ${deeds.map(nameOf).join(', ')}`,
    before: to(from),
    clients: [{ ...put('w1'), fresh: true }, read('r1', 'w1')],
    operators: [deeds],
    bounds: one,
  }))

/** A store is left behind, and a condition is judged by one that has not heard of it. */
export const conditionsBehind = (moves: Moves): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `delete, create; ${from}: ${deeds.map(nameOf).join(', ')}`,
    before: to(from),
    clients: [{ ...write('d1', remove), fresh: true }, write('c2', create, 'd1')],
    operators: [deeds],
    bounds: { leases: true },
  }))

/** A store is left behind while somebody changes a stage or makes a pass. */
export const leavingMeanwhile = (moves: readonly (readonly [string, readonly Deed[], readonly Deed[]])[]): Chain[] =>
  moves.map(([from, first, second]) => ({
    name: `${from}: ${first.map(nameOf).join(', ')} | ${second.map(nameOf).join(', ')}`,
    before: to(from),
    clients: [{ ...put('w1'), fresh: true }, read('r1', 'w1')],
    operators: [first, second],
    bounds: { leases: true },
  }))

export const turnMoves: Moves = [
  ['dualwrite', [up, down, up]],
  ['shadow', [down, up, down]],
  ['live', [backToDualwrite, up, down]],
  ['rampdown', [down, up, down]],
]

/** Three stage changes under one write, of which much goes astray. */
export const turns = (moves: Moves, mishaps = 1): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `turns; ${from}: ${deeds.map(nameOf).join(', ')}${mishaps > 1 ? `; ${mishaps} astray` : ''}`,
    before: to(from),
    clients: [adding('a1'), read('r1')],
    operators: [deeds],
    bounds: { mishaps, strays: 1 },
  }))

/** The target is set back to an earlier state, as long as the source answers, and recovered; nothing is late. */
export const losses = (clients: readonly Client[], deeds: readonly Deed[], from = 'full'): Chain => ({
  name: `set back; ${from}: ${deeds.map(nameOf).join(', ')}; ${clients.map(({ name }) => name).join(', ')}`,
  before: to(from),
  clients,
  operators: [deeds],
  bounds: { losses: 1 },
})
