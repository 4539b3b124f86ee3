import { CutoverError } from '../error.js'
import type { Json, JsonObject } from '../json.js'
import { CHECKPOINT_KINDS, type CheckpointKind, PERFORMANCE_METRICS, type Rule } from './checkpoint.js'

/** What may be asked of a checkpoint; what is left out gets its default, so that a rule that is kept is whole. */
export interface Wish {
  kind: CheckpointKind
  sampleSize?: number | undefined
  boundShare?: number | undefined
  confidence?: number | undefined
  minCompared?: number | undefined
  recordedMax?: number | undefined
  builtIn?: boolean | undefined
  minRequests?: number | undefined
  minutes?: number | undefined
  metric?: string | undefined
  limitShare?: number | undefined
  minPairs?: number | undefined
}

/** Records of one sample: their ids are carried in the run's document. */
export const SAMPLE_MAX = 1_000
const SAMPLE = 300
const CONFIDENCE = 0.95
const RECORDED_MAX = 200
const MIN_REQUESTS = 20
const MINUTES = 60
const RECORDED_MINUTES = 2 * 24 * 60
const LIMIT_SHARE = 0.2
const MIN_PAIRS = 100

/** `sampleSize` is the largest there is where only a bound is asked for: how many it takes depends on how many there are. */
export function ruleOf(wish: Wish): Rule {
  const { kind, confidence = CONFIDENCE, minutes = MINUTES } = wish
  switch (kind) {
    case 'data-consistency': {
      const { boundShare = null, sampleSize = boundShare === null ? SAMPLE : SAMPLE_MAX } = wish
      return { kind, sampleSize, boundShare, confidence }
    }
    case 'full-consistency':
      return { kind, minCompared: wish.minCompared ?? 1 }
    case 'api-compatibility': {
      const { recordedMax = RECORDED_MAX, builtIn = true, minRequests = MIN_REQUESTS } = wish
      return { kind, recordedMax, builtIn, minRequests, minutes: wish.minutes ?? RECORDED_MINUTES }
    }
    case 'performance': {
      const { metric = 'p95', limitShare = LIMIT_SHARE, minPairs = MIN_PAIRS } = wish
      if (!isMetric(metric)) throw new CutoverError('invalid-input', `There is no metric ${JSON.stringify(metric)}.`)
      return { kind, metric, limitShare, confidence, minPairs, minutes }
    }
    case 'zero-loss':
      return { kind }
  }
}

/** Rules as a run's input carries them; they were made by `ruleOf`, and anything else is refused. */
export function rulesIn(input: JsonObject): Rule[] {
  const { rules } = input
  if (!Array.isArray(rules) || rules.length === 0 || !rules.every(isRule)) {
    throw new CutoverError('invalid-input', 'Checkpoints are asked for with validate-component.')
  }
  return rules as unknown as Rule[]
}

function isRule(value: Json): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return CHECKPOINT_KINDS.some((kind) => kind === value.kind)
}

function isMetric(name: string): name is keyof typeof PERFORMANCE_METRICS {
  return Object.hasOwn(PERFORMANCE_METRICS, name)
}
