import { DOUBT_MUTANTS } from './areas/doubts.js'
import { NAME_MUTANTS } from './areas/names.js'
import { PASS_MUTANTS } from './areas/passes.js'
import { READ_MUTANTS } from './areas/reads.js'
import { REDIS_MUTANTS } from './areas/redis.js'
import { SOURCE_MUTANTS } from './areas/source.js'
import { STAGE_MUTANTS } from './areas/stages.js'
import { TARGET_MUTANTS } from './areas/target.js'
import { WRITE_MUTANTS } from './areas/writes.js'
import type { Mutant } from './mutant.js'

const ALL: readonly Mutant[] = [
  ...SOURCE_MUTANTS,
  ...TARGET_MUTANTS,
  ...REDIS_MUTANTS,
  ...READ_MUTANTS,
  ...WRITE_MUTANTS,
  ...DOUBT_MUTANTS,
  ...NAME_MUTANTS,
  ...STAGE_MUTANTS,
  ...PASS_MUTANTS,
]

/** Guards that others stand behind: what is left when one of these is gone is still enough, and why. */
const REDUNDANT: { [name: string]: string } = {
  'a document whose put was not answered is taken for known':
    'every put is conditional on what was taken for known, and an answer without a put is confirmed by a read',
  'the number is forgotten when the new compare-and-swap is not answered':
    'where the number had its effect meanwhile, the source has moved on from the base of the compare-and-swap',
  'no pass is asked for from shadow to dualwrite':
    'shadow is entered only from dualwrite, or from live with a full source, which it keeps',
  'a pass that has lost its marks declares full all the same':
    'the marks are looked at once more at the end, and the step to live looks again',
  'a pass does not bring back what the target has later':
    'what the target has later is open, and the second half of the pass brings what is open',
}

export const MUTANTS: readonly Mutant[] = ALL.map((mutant) => {
  const redundant = REDUNDANT[mutant.name]
  return redundant === undefined ? mutant : { ...mutant, redundant }
})
