import { backUp } from './back-up.js'
import { checkBackup } from './check-backup.js'
import { deleteBackup } from './delete-backup.js'
import { listBackups } from './list-backups.js'
import { restoreBackup } from './restore-backup.js'
import { showBackup } from './show-backup.js'

export const backupVerbs = [backUp, listBackups, showBackup, checkBackup, restoreBackup, deleteBackup]
