import { deleteFlag } from './delete-flag.js'
import { deleteFlagGroup } from './delete-flag-group.js'
import { evaluateFlag } from './evaluate-flag.js'
import { killFlag } from './kill-flag.js'
import { listFlagGroups } from './list-flag-groups.js'
import { listFlags } from './list-flags.js'
import { putFlag } from './put-flag.js'
import { putFlagGroup } from './put-flag-group.js'
import { reviveFlag } from './revive-flag.js'
import { setFlag } from './set-flag.js'
import { showFlag } from './show-flag.js'
import { showFlagGroup } from './show-flag-group.js'
import { showFlagHistory } from './show-flag-history.js'

export const flagVerbs = [
  listFlags,
  showFlag,
  setFlag,
  putFlag,
  deleteFlag,
  killFlag,
  reviveFlag,
  evaluateFlag,
  showFlagHistory,
  listFlagGroups,
  showFlagGroup,
  putFlagGroup,
  deleteFlagGroup,
]
