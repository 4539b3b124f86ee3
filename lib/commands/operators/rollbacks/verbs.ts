import { emergencyRollback } from './emergency-rollback.js'

export const rollbackVerbs = [emergencyRollback]
