/**
 * What the environment forces, over anybody's wishes, until it is changed and the functions are deployed again.
 * `null`: the variable is not set, and forces nothing.
 */
export interface Switches {
  /** `MCP_USE_NEW_SYSTEM` */
  useNewSystem: boolean | null
  /** `MCP_MIGRATION_MODE` */
  mode: SwitchMode | null
  /** `MCP_BACKUP_VALIDATION` */
  backupValidation: boolean | null
  /** `MCP_ENABLE_AUTO_ROLLBACK` */
  autoRollback: boolean | null
}

export const SWITCH_MODES = ['safe', 'full', 'rollback'] as const
export type SwitchMode = (typeof SWITCH_MODES)[number]

export const NO_SWITCHES: Switches = { useNewSystem: null, mode: null, backupValidation: null, autoRollback: null }
