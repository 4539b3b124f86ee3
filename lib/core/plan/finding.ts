import type { Because, Finding } from './evidence.js'

/** The three things that a weighing can come to. */
export function passing(because: Because, numbers: Finding['numbers']): Finding {
  return { outcome: 'pass', because, numbers }
}

export function failing(because: Because, numbers: Finding['numbers']): Finding {
  return { outcome: 'fail', because, numbers }
}

export function lacking(because: Because, numbers: Finding['numbers'] = {}): Finding {
  return { outcome: 'not-enough-evidence', because, numbers }
}

export function areCounts(...counts: number[]): boolean {
  return counts.every((count) => Number.isSafeInteger(count) && count >= 0)
}
