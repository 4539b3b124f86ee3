import type { Stage } from '../stage.js'

/**
 * How a component is rolled back, as data. A procedure says what is done in what order; how each step is done, in steps
 * that the protocol allows, is `engine/rollback`'s. Every step may be done twice: what is done already is passed over.
 */
export interface Procedure {
  /** `[a-z0-9-]`, at most 64 characters. */
  name: string
  /** The kind of component that it is for. */
  for: 'collection' | 'flag'
  /** For people. */
  description: string
  steps: readonly ProcedureStep[]
  /** It is what this component is rolled back by if nothing else is asked for. */
  component?: string
}

export type ProcedureStep =
  /** Down to a stage, as many of the protocol's steps as that takes. Nothing is ever moved up. */
  | { kind: 'move'; to: Stage }
  /** A back-fill that brings to the source what it lacks. `needed`: only if the source is not known to be full. */
  | { kind: 'pass'; when: 'needed' | 'always' }
  /** Both stores are compared; a difference that stays fails the rollback. */
  | { kind: 'validate' }
  /** The flag's rollout down to this share, in percent. A lower one is left as it is. */
  | { kind: 'rollout'; percent: number }
  | { kind: 'wait'; seconds: number }
  /** A validation checkpoint that ran since the rollback began has to pass within `seconds`; a breach fails it. */
  | { kind: 'checkpoint'; checkpoint: string | null; seconds: number }

/** Where reads come from the source again: what a rollback comes to unless more is asked for. */
export const ROLLBACK_GOAL: Stage = 'shadow'

/** What a collection is rolled back by: as far as is safe at once, then what the source lacks, then the rest. */
export function toSource(to: Stage = ROLLBACK_GOAL): Procedure {
  const passed: ProcedureStep[] = [
    { kind: 'move', to: 'live' },
    { kind: 'pass', when: 'needed' },
    { kind: 'move', to },
  ]
  const stays = to === 'live' || to === 'rampdown' || to === 'complete'
  return {
    name: 'to-source',
    for: 'collection',
    description: 'Down to live at once, a back-fill of what the source lacks if it may lack something, then the rest.',
    steps: stays ? [{ kind: 'move', to }] : passed,
  }
}

export const FLAG_AT_ONCE: Procedure = {
  name: 'flag-at-once',
  for: 'flag',
  description: 'Everybody back to the legacy path at once.',
  steps: [{ kind: 'rollout', percent: 0 }],
}

export const FLAG_GRADUALLY: Procedure = {
  name: 'flag-gradually',
  for: 'flag',
  description: 'Half, a tenth, nobody, with a minute between: for a legacy path that has to warm up.',
  steps: [
    { kind: 'rollout', percent: 50 },
    { kind: 'wait', seconds: 60 },
    { kind: 'rollout', percent: 10 },
    { kind: 'wait', seconds: 60 },
    { kind: 'rollout', percent: 0 },
  ],
}

/** Those that are always there; their names are nobody else's. */
export const BUILT_IN: readonly Procedure[] = [toSource(), FLAG_AT_ONCE, FLAG_GRADUALLY]

/** A step in words, as it is shown. */
export function stepInWords(step: ProcedureStep): string {
  switch (step.kind) {
    case 'move':
      return `down to ${step.to}`
    case 'pass':
      return step.when === 'needed' ? 'bring to the source what it lacks' : 'pass over both stores'
    case 'validate':
      return 'compare both stores'
    case 'rollout':
      return `rollout down to ${step.percent} %`
    case 'wait':
      return `wait ${step.seconds} s`
    case 'checkpoint':
      return step.checkpoint === null ? 'a checkpoint passes' : `the checkpoint ${step.checkpoint} passes`
  }
}
