import type { Chain } from './chain.js'
import {
  aheadOfClocks,
  changeMoves,
  changes,
  conditionMoves,
  conditions,
  conditionsBehind,
  forgetting,
  heardOf,
  leavingBehind,
  leavingMeanwhile,
  losses,
  named,
  namedReplace,
  operators,
  passes,
  passUnderOthers,
  sleepers,
  turnMoves,
  turns,
} from './families.js'
import { adding, backToDualwrite, down, one, put, read, replace, toRampdown, up, write } from './parts.js'
import { cleanUps, dataPlaneMoves, documents, lateDecisions, shares, throughDataPlane } from './surfaces.js'

/**
 * What is searched: every chain of stage changes that operators can make in two steps, with clients at work; and, one
 * by one, what else the protocol stands on. `WIDE` chains have one more writer, or one more request that goes astray,
 * or a whole pass between other steps, and are for a search that has more time.
 */
export const CHAINS: readonly Chain[] = [
  ...changes(changeMoves),
  ...conditions(conditionMoves),
  ...named([
    ['dualwrite', [up]],
    ['shadow', [down]],
    ['live', [backToDualwrite]],
    ['full', [toRampdown]],
    ['live', [up]],
  ]),
  ...namedReplace(conditionMoves),
  ...namedReplace(conditionMoves, [put('w2')]),
  ...forgetting,
  ...aheadOfClocks,
  ...passes,
  passUnderOthers,
  ...operators([
    ['off', [up], [up]],
    ['dualwrite', [up], [up]],
    ['full', [up], [down]],
    ['live', [up], [down]],
    ['live', [backToDualwrite], [up]],
    ['rampdown', [down], [up]],
  ]),
  ...heardOf([
    ['dualwrite', [up]],
    ['full', [down]],
    ['full', [up]],
    ['full', [toRampdown]],
    ['live', [down]],
    ['live', [up]],
    ['live', [backToDualwrite]],
    ['rampdown', [down]],
    ['complete', [down]],
  ]),
  ...sleepers([['shadow', [down, up]]]),
  ...conditionsBehind([
    ['full', ['leave-target-behind']],
    ['full', ['leave-source-behind']],
    ['live', ['leave-target-behind']],
    ['live', ['leave-source-behind']],
  ]),
  ...leavingMeanwhile([
    ['full', [up], ['leave-source-behind', 'reconcile']],
    ['live', [down], ['leave-source-behind', 'reconcile']],
    ['live', [up], ['leave-target-behind', 'reconcile']],
    ['full', [down], ['leave-target-behind', 'reconcile']],
    ['shadow', ['pass'], ['leave-target-behind']],
    ['rampdown', [down, 'pass'], ['leave-target-behind']],
  ]),
  ...leavingBehind([
    ['full', ['leave-target-behind', 'reconcile']],
    ['full', ['leave-source-behind', 'reconcile']],
    ['live', ['leave-target-behind', 'reconcile']],
    ['live', ['leave-source-behind', 'reconcile']],
  ]),
  ...leavingBehind(
    [
      ['full', ['leave-target-behind']],
      ['full', ['leave-source-behind']],
      ['live', ['leave-target-behind']],
      ['live', ['leave-source-behind']],
    ],
    true,
  ),
  ...named(
    [
      ['live', [backToDualwrite]],
      ['full', [toRampdown]],
      ['rampdown', [down]],
    ],
    [put('w2')],
  ),
  ...turns(turnMoves),
  losses([put('w1'), put('w2'), read('r1')], ['recover']),
  losses([put('w1'), read('r1')], ['recover', 'pass']),
  losses([write('c1', replace), put('w2'), read('r1')], ['recover']),
  losses([adding('a1'), adding('a2'), read('r1')], []),
  losses([read('r1')], ['pass', 'safe', up], 'shadow'),
  ...shares({}),
  ...lateDecisions([
    ['off', [up, up]],
    ['dualwrite', [up]],
    ['full', [up]],
    ['rampdown', [down]],
  ]),
  ...cleanUps,
  ...throughDataPlane(dataPlaneMoves, [adding('a1'), read('r1')]),
  ...throughDataPlane(dataPlaneMoves, [put('w1'), put('w2')], { hasty: true }),
  ...throughDataPlane(
    [
      ['dualwrite', [up]],
      ['full', [up]],
      ['rampdown', [down]],
    ],
    [adding('a1'), adding('a2')],
    { documents: true, bounds: {} },
  ),
  ...documents([
    ['dualwrite', [up]],
    ['full', [up]],
    ['rampdown', [down]],
  ]),
]

export const WIDE: readonly Chain[] = [
  ...changes(changeMoves, [put('w2', 'w1')]),
  ...changes(changeMoves, [put('w2')]).map((chain) => ({
    ...chain,
    name: `${chain.name}, side by side`,
    bounds: { mishaps: 2, strays: 2 },
  })),

  ...conditions(conditionMoves, { 'add, add, seen': [adding('a1'), adding('a2'), read('r1')] }),
  ...conditions([['shadow', ['pass', up]]]),
  ...named([['rampdown', [down]]]),
  ...operators(
    [
      ['dualwrite', [up], [up]],
      ['shadow', [down], ['pass', up]],
      ['full', [up], [down]],
      ['live', [up], [down]],
      ['live', [backToDualwrite], [up]],
      ['rampdown', [down], [up]],
      ['live', [down], ['pass']],
      ['rampdown', [down, 'pass', down], ['reconcile']],
    ],
    one,
  ),
  ...leavingBehind([
    ['live', ['leave-target-behind', up]],
    ['live', ['leave-source-behind', down]],
  ]),
  losses([put('w1'), put('w2'), read('r1')], ['recover', 'pass', up]),
  ...shares(one),
  ...documents([['live', [backToDualwrite]]]),
  ...lateDecisions([
    ['shadow', [down, up]],
    ['full', [up, down]],
    ['live', [backToDualwrite, up]],
  ]),
  ...turns(turnMoves, 2),
  ...throughDataPlane(dataPlaneMoves, [adding('a1'), read('r1')], { hasty: true }),
  ...sleepers([['full', [down, up, 'pass', toRampdown]]]),
  ...throughDataPlane(dataPlaneMoves, [put('w1'), adding('a2'), read('r1')]),
  ...throughDataPlane(
    [
      ['live', [down]],
      ['live', [backToDualwrite]],
    ],
    [adding('a1'), adding('a2')],
    { documents: true, bounds: {} },
  ),
  ...documents(
    [
      ['dualwrite', [up]],
      ['full', [up]],
      ['rampdown', [down]],
    ],
    one,
  ),
]
