import type { Part } from '../state.js'
import { shownCount } from './format.js'
import type { Tone } from './panel.js'

/** What the latest validation allows one to say in a word. Only a complete one, of something, without a doubt, is good. */
export function agreementOf({ latest }: Pick<Part<'consistency'>[number], 'latest'>): { tone: Tone; word: string } {
  if (latest === null) return { tone: 'quiet', word: NOT_ENOUGH }
  const { complete, checked, mismatched, repaired, undecided } = latest
  const left = mismatched - repaired
  if (left > 0) return { tone: 'bad', word: left === 1 ? '1 differs' : `${shownCount(left)} differ` }
  if (!complete || undecided > 0) return { tone: 'warn', word: NOT_ENOUGH }
  if (checked === 0) return { tone: 'quiet', word: NOT_ENOUGH }
  return mismatched > 0 ? { tone: 'quiet', word: 'repaired' } : { tone: 'good', word: 'both agree' }
}

const NOT_ENOUGH = 'not enough evidence'
