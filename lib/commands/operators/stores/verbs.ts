import { forceBreakerOpen } from './force-breaker-open.js'
import { listBreakers } from './list-breakers.js'
import { resetBreaker } from './reset-breaker.js'

export const storeVerbs = [listBreakers, forceBreakerOpen, resetBreaker] as const
