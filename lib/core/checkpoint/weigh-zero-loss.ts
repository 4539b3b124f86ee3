import type { CheckpointFinding } from './checkpoint.js'

/** What a zero-loss check has come to. */
export interface ZeroLossFound {
  proved: boolean
  because: readonly string[]
  stage: string
  epoch: number
  records: number
  runId: string
  /** Copies of the source that were not at the target, and times that it was set back meanwhile. */
  uncovered: number
  setBacks: number
}

/** Copies that are missing are a breach; a proof that lacks something else is no proof, and no loss either. */
export function weighZeroLoss({ proved, because, runId, ...found }: ZeroLossFound): CheckpointFinding {
  const numbers = { ...found, why: because.join(' '), zeroLossRunId: runId }
  if (proved) return { outcome: 'pass', because: 'zero-loss-proved', numbers, examples: [] }
  if (found.uncovered + found.setBacks > 0) {
    return { outcome: 'breach', because: 'loss-found', numbers, examples: [] }
  }
  return { outcome: 'not-enough-evidence', because: 'zero-loss-not-proved', numbers, examples: [] }
}
