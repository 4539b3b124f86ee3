/**
 * Where a slot of a collection stands on its way from the source to the target.
 *
 * | stage     | numbers | acknowledges when        | reads come from |
 * |-----------|---------|--------------------------|-----------------|
 * | off       | source  | the source has it        | source          |
 * | dualwrite | source  | the source has it        | source          |
 * | shadow    | target  | both have it (strict)    | source          |
 * | live      | target  | both have it (strict)    | target          |
 * | rampdown  | target  | the target has it        | target          |
 * | complete  | target  | the target has it        | target          |
 *
 * "Numbers" names the store that gives a write its version. Tolerant stages (dualwrite, rampdown) copy to the other
 * store after the acknowledgement, as best they can; strict stages fail a write that cannot reach both.
 */
export const STAGES = ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete'] as const
export type Stage = (typeof STAGES)[number]

export function stageIndex(stage: Stage): number {
  return STAGES.indexOf(stage)
}

export function isStage(value: unknown): value is Stage {
  return typeof value === 'string' && (STAGES as readonly string[]).includes(value)
}

/** In shadow and live a write counts only when both stores have it. */
export function isStrict(stage: Stage): boolean {
  return stage === 'shadow' || stage === 'live'
}

/** In off and dualwrite the source gives versions; in all later stages the target does. */
export function sourceNumbers(stage: Stage): boolean {
  return stage === 'off' || stage === 'dualwrite'
}

export function readsTarget(stage: Stage): boolean {
  return stageIndex(stage) >= stageIndex('live')
}
