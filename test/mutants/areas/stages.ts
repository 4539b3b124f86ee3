import { type Mutant, without } from '../mutant.js'

const TRANSITION = 'lib/core/transition.ts'
const MOVE = 'lib/engine/stages/move.ts'
const RECONCILE = 'lib/engine/stages/reconcile.ts'
const DEGRADE = 'lib/engine/stages/degrade.ts'
const RECOVER = 'lib/engine/stages/recover-target.ts'

const NEEDS = 'pass before live, before the jump to rampdown, before going back below live'

const needless = (from: string, to: string, first: string, needs: string, ...hunt: Mutant['hunt']): Mutant =>
  without(
    NEEDS,
    `no pass is asked for from ${from} to ${to}`,
    TRANSITION,
    [
      `{ from: '${from}', to: '${to}', first: '${first}', needs: '${needs}' }`,
      `{ from: '${from}', to: '${to}', first: '${first}', needs: 'nothing' }`,
    ],
    hunt,
  )

const otherFirst = (from: string, to: string, first: string, needs: string, ...hunt: Mutant['hunt']): Mutant =>
  without(
    'order of raising',
    `from ${from} to ${to} the other store is raised first`,
    TRANSITION,
    [
      `{ from: '${from}', to: '${to}', first: '${first}', needs: '${needs}' }`,
      `{ from: '${from}', to: '${to}', first: '${first === 'source' ? 'target' : 'source'}', needs: '${needs}' }`,
    ],
    hunt,
  )

/** Of stage changes: what is decided, and how it is carried out. */
export const STAGE_MUTANTS: readonly Mutant[] = [
  needless('shadow', 'live', 'source', 'full-target', 'unfilled', 'model'),
  needless('live', 'rampdown', 'source', 'full-target', 'unfilled', 'model'),
  needless('live', 'shadow', 'target', 'full-source', 'unfilled', 'model'),
  needless('shadow', 'dualwrite', 'target', 'full-source', 'unfilled', 'model'),
  otherFirst('live', 'rampdown', 'source', 'full-target', 'half-raised', 'model'),
  otherFirst('shadow', 'dualwrite', 'target', 'full-source', 'half-raised', 'model'),
  without(
    'full flags only in the period of the pass',
    'a pass declares full what has begun a period of its own meanwhile',
    TRANSITION,
    [' && range.period === state.period)', ')'],
    ['passes-and-shares', 'model'],
  ),
  without(
    'full flags only in the period of the pass',
    'a period never ends',
    TRANSITION,
    ['period: stays ? state.period : isStrict(to) ? epoch : 0,', 'period: 1,'],
    ['passes-and-shares', 'model'],
  ),
  without(
    'full flags only in the period of the pass',
    'the source is called full after the target has acknowledged alone',
    TRANSITION,
    ['fullSource: stays ? state.fullSource : sourceNumbers(isStrict(to) ? state.stage : to),', 'fullSource: true,'],
    ['unfilled', 'outages-not-full', 'model'],
  ),
  without(
    'full flags only in the period of the pass',
    'the target is called full before the first pass',
    TRANSITION,
    ['fullTarget: stays ? state.fullTarget : !sourceNumbers(isStrict(to) ? state.stage : to),', 'fullTarget: true,'],
    ['unfilled', 'outages-not-full', 'model'],
  ),
  without(
    'a number of an era that is over is never applied',
    'a new era does not begin when numbering changes hands',
    TRANSITION,
    ['era: newEra ? epoch : state.era,', 'era: state.era,'],
    ['downwards', 'model'],
  ),
  without(
    'names that may be older than the process',
    'nobody knows when numbering changed hands',
    TRANSITION,
    ['eraAt: newEra ? now : state.eraAt,', 'eraAt: state.eraAt,'],
    ['named', 'model'],
  ),
  without(
    'names that may be older than the process',
    'nobody knows until when the target acknowledged alone',
    TRANSITION,
    ['const until = ends ? now : state.aloneUntil', 'const until = state.aloneUntil'],
    ['named', 'model'],
  ),
  without(
    'a store is left behind only if the other is full',
    'a store is left behind though the other lacks something',
    TRANSITION,
    ["if (!(lost === 'target' ? state.fullSource : state.fullTarget)) {", 'if (unsafe > 0) {'],
    ['left-behind', 'model'],
  ),
  without(
    'recovery above every epoch spent, and never from a source that is not full',
    'after a loss the source is the truth whatever it lacks',
    TRANSITION,
    ["const stage = state.fullSource ? 'shadow' : state.stage", "const stage = 'shadow'"],
    ['loss', 'model'],
  ),
  without(
    'recovery above every epoch spent, and never from a source that is not full',
    'after a loss the target is called full',
    TRANSITION,
    ['period: epoch, fullTarget: false }', 'period: epoch }'],
    ['loss', 'model'],
  ),
  without(
    'recovery above every epoch spent, and never from a source that is not full',
    'after a loss no new era begins',
    TRANSITION,
    ['const renumbered = { ...state, era: epoch, eraAt: now }', 'const renumbered = { ...state }'],
    ['loss', 'model'],
  ),
  without(
    'recovery above every epoch spent, and never from a source that is not full',
    'recovery does not go beyond what was decided and not carried out',
    RECOVER,
    [
      'const spent = Math.max(control.fence.epoch, control.plan?.fence.epoch ?? 0, atTarget)',
      'const spent = control.fence.epoch',
    ],
    ['loss', 'model'],
  ),
  without(
    'decisions only on the fence seen at both stores',
    'a step is decided before the last one was finished',
    MOVE,
    [
      'if (control.fence.epoch !== seen || (control.plan?.fence.epoch ?? 0) > seen) return null',
      'if (seen < 0) return null',
    ],
    ['passes', 'model'],
  ),
  without(
    'order of raising',
    'a decision raises the source whatever its order',
    MOVE,
    ["...(first === 'source' ? { fence, hold: false } : {})", '...{ fence, hold: false }'],
    ['half-raised', 'model'],
  ),
  without(
    'decisions only on the fence seen at both stores',
    'what was half carried out is not finished',
    RECONCILE,
    [
      '  if (plan !== null && plan.fence.epoch === newest.epoch) await carryOut(plan, source, target, atSource)\n  else if (atSource < newest.epoch) await source.raise(newest)\n  else await target.raise(newest)\n',
      '',
    ],
    ['deaf', 'storm', 'model'],
  ),
  without(
    'order of raising',
    'a decision that the target has gone beyond is carried out at the source',
    RECONCILE,
    ['lower !== null && lower.epoch > fence.epoch', 'lower !== null && lower.epoch < 0'],
    ['left-behind', 'model'],
  ),
  without(
    'recovery above every epoch spent, and never from a source that is not full',
    'a target that has lost its fence is given one by a stage change',
    RECONCILE,
    ['if (target.fence !== null || fence.plain ||', 'if (fence.epoch >= 0 || fence.plain ||'],
    ['loss', 'model'],
  ),
  without(
    'hold and its length',
    'the source is left to answer alone without a hold',
    DEGRADE,
    ['return { ...control, fence, plan, hold: true }', 'return { ...control, fence, plan, hold: false }'],
    ['left-behind', 'model'],
  ),
  without(
    'hold and its length',
    'the target is left to answer alone without a hold',
    DEGRADE,
    ['{ hold: true, ifEpoch: fence.epoch }', '{ hold: false, ifEpoch: fence.epoch }'],
    ['left-behind', 'model'],
  ),
  without(
    'hold and its length',
    'a hold of the source ends before the leases',
    DEGRADE,
    ['  await clock.sleep(waitMs)\n  await releaseSource(source, epoch)', '  await releaseSource(source, epoch)'],
    ['left-behind', 'model'],
  ),
  without(
    'hold and its length',
    'a hold of the target ends before the leases',
    DEGRADE,
    [
      '  await clock.sleep(waitMs)\n  await target.amend(fence, { hold: false })',
      '  await target.amend(fence, { hold: false })',
    ],
    ['left-behind', 'model'],
  ),
  without(
    'decisions only on the fence seen at both stores',
    'leaving the source behind takes an epoch that the source may have decided about',
    DEGRADE,
    ['epochOf(control))) + 1', 'epochOf(control)))'],
    ['left-behind', 'model'],
  ),
  without(
    'decisions only on the fence seen at both stores',
    'leaving the target behind takes an epoch that is spent',
    DEGRADE,
    [
      'control.plan !== null && control.plan.fence.epoch > control.fence.epoch ? control.plan.fence : control.fence',
      'control.fence',
    ],
    ['left-behind', 'model'],
  ),
]
