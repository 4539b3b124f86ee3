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

export const MUTANTS: readonly Mutant[] = [
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
