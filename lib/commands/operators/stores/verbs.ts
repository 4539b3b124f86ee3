import { dropDeadLetters } from './drop-dead-letters.js'
import { findDeadLetters } from './find-dead-letters.js'
import { forceBreakerOpen } from './force-breaker-open.js'
import { listBreakers } from './list-breakers.js'
import { resetBreaker } from './reset-breaker.js'
import { retryDeadLetters } from './retry-dead-letters.js'

export const storeVerbs = [
  listBreakers,
  forceBreakerOpen,
  resetBreaker,
  findDeadLetters,
  retryDeadLetters,
  dropDeadLetters,
] as const
