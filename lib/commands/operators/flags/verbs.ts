import { listFlags } from './list-flags.js'
import { setFlag } from './set-flag.js'
import { showFlag } from './show-flag.js'

export const flagVerbs = [listFlags, showFlag, setFlag]
