import type { Chain, Client } from './chain.js'
import {
  adding,
  backToDualwrite,
  create,
  down,
  type Moves,
  nameOf,
  one,
  put,
  read,
  remove,
  to,
  toRampdown,
  up,
  write,
} from './parts.js'
import type { Bounds } from './whole.js'

/** At 70 % the record `k` is moved, and `j` is not. */
const shared: Moves = [
  ['dualwrite', [{ ...up, rolloutPercent: 70 }, up]],
  ['full', [{ ...up, rolloutPercent: 70 }, up]],
  ['live', [{ ...down, rolloutPercent: 70 }, down]],
  ['rampdown', [{ ...down, rolloutPercent: 70 }]],
]

/** Two records in one document, one of which goes ahead. */
export const shares = (bounds: Partial<Bounds>): Chain[] =>
  shared.map(([from, deeds]) => ({
    name: `two records; ${from}: ${deeds.map(nameOf).join(', ')}${bounds === one ? '; astray' : ''}`,
    before: to(from),
    clients: [put('w1'), { ...put('w2'), id: 'j' }, read('r1')],
    operators: [deeds],
    bounds,
    records: { k: 'old', j: 'older' },
  }))

/** The document itself, read and written as a whole by several processes, each at its own time. */
export const documents = (moves: Moves, bounds: Partial<Bounds> = {}): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `one document; ${from}: ${deeds.map(nameOf).join(', ')}${bounds === one ? '; astray' : ''}`,
    before: to(from),
    clients: [put('w1'), { ...put('w2'), id: 'j' }, read('r1')],
    operators: [deeds],
    bounds,
    records: { k: 'old', j: 'older' },
    documents: true,
  }))

/** The same for the operator: the put of a decision comes late, when it was given up and others have looked. */
export const lateDecisions = (moves: Moves): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `late decisions; ${from}: ${deeds.map(nameOf).join(', ')}`,
    before: to(from),
    clients: [put('w1'), read('r1')],
    operators: [deeds],
    operatorsMishap: true,
    bounds: one,
    documents: true,
  }))

/** After the last day the target keeps the application's data, and instances that slept come back to it. */
export const cleanUps: Chain[] = [
  { what: 'put, add', clients: [put('w1'), adding('a2'), read('r1')] },
  { what: 'delete, create', clients: [write('d1', remove), write('c2', create), read('r1')] },
].map(({ what, clients }) => ({
  name: `${what}; complete: clean-up`,
  before: to('complete'),
  clients,
  operators: [['clean-up']],
  bounds: one,
  dataPlane: true,
}))

/** The same protocols with all that the data plane puts around them: resends, what an instance learns, second tries. */
export const throughDataPlane = (moves: Moves, clients: readonly Client[], also: Partial<Chain> = {}): Chain[] =>
  moves.map(([from, deeds]) => ({
    name: `data plane${also.documents ? ' on a document' : ''}${also.hasty ? ', hasty' : ''}; ${from}: ${deeds.map(nameOf).join(', ')}; ${clients.map(({ name }) => name).join(', ')}`,
    before: to(from),
    clients,
    operators: [deeds],
    bounds: one,
    dataPlane: true,
    ...also,
  }))

export const dataPlaneMoves: Moves = [
  ['dualwrite', [up]],
  ['full', [up]],
  ['live', [down]],
  ['live', [backToDualwrite]],
  ['full', [toRampdown]],
  ['rampdown', [down]],
]
