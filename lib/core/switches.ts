import { type Stage, stageIndex } from './stage.js'

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

export type SwitchName =
  | 'MCP_USE_NEW_SYSTEM'
  | 'MCP_MIGRATION_MODE'
  | 'MCP_BACKUP_VALIDATION'
  | 'MCP_ENABLE_AUTO_ROLLBACK'

/** A variable that is set and forces something. */
export interface Override {
  variable: SwitchName
  value: string
  /** What it does, in one sentence for people. */
  effect: string
  /** Nobody moves a collection further up than this; `null`: it bounds no stage. */
  ceiling: Stage | null
  /** What stands beyond is turned back to here, by itself. */
  forcesDown: Stage | null
}

/** The overrides in force, the strictest first. What is set and forces nothing (`full`, `true`) is not among them. */
export function overridesOf({ useNewSystem, mode, backupValidation, autoRollback }: Switches): Override[] {
  const all: Override[] = []
  if (mode === 'rollback') all.push(ROLLBACK)
  if (useNewSystem === false) all.push(NOT_NEW)
  if (mode === 'safe') all.push(SAFE)
  if (backupValidation === true) all.push(BACKED_UP)
  if (autoRollback === false) all.push(BY_HAND)
  return all
}

const ROLLBACK: Override = {
  variable: 'MCP_MIGRATION_MODE',
  value: 'rollback',
  effect: 'Reads come from the source: whatever is read from the target is rolled back, and nothing advances.',
  ceiling: 'off',
  forcesDown: 'shadow',
}
const NOT_NEW: Override = {
  variable: 'MCP_USE_NEW_SYSTEM',
  value: 'false',
  effect: 'Reads never come from the target: whatever is beyond shadow is rolled back, and nothing goes further.',
  ceiling: 'shadow',
  forcesDown: 'shadow',
}
const SAFE: Override = {
  variable: 'MCP_MIGRATION_MODE',
  value: 'safe',
  effect: 'Nothing goes further than live, from where the way back is instant.',
  ceiling: 'live',
  forcesDown: null,
}
const BACKED_UP: Override = {
  variable: 'MCP_BACKUP_VALIDATION',
  value: 'true',
  effect: 'A collection goes to rampdown, to complete and to its clean-up only with a validated back-up.',
  ceiling: null,
  forcesDown: null,
}
const BY_HAND: Override = {
  variable: 'MCP_ENABLE_AUTO_ROLLBACK',
  value: 'false',
  effect: 'No plan, program or rule rolls back by itself: a breach is shown and waits for an operator.',
  ceiling: null,
  forcesDown: null,
}

/** All four, set or not, for those who ask what they do. */
export function describeSwitches(switches: Switches): {
  variable: SwitchName
  value: string | null
  inForce: boolean
  effect: string
  ceiling: Stage | null
}[] {
  const overrides = overridesOf(switches)
  const { useNewSystem, mode, backupValidation, autoRollback } = switches
  const values: [SwitchName, boolean | SwitchMode | null][] = [
    ['MCP_USE_NEW_SYSTEM', useNewSystem],
    ['MCP_MIGRATION_MODE', mode],
    ['MCP_BACKUP_VALIDATION', backupValidation],
    ['MCP_ENABLE_AUTO_ROLLBACK', autoRollback],
  ]
  return values.map(([variable, value]) => {
    const override = overrides.find((one) => one.variable === variable)
    const effect = override?.effect ?? (value === null ? 'Not set: it forces nothing.' : LAX[variable])
    return {
      variable,
      value: value === null ? null : String(value),
      inForce: override !== undefined,
      effect,
      ceiling: override?.ceiling ?? null,
    }
  })
}

/** What each says where it forces nothing. */
const LAX: { readonly [variable in SwitchName]: string } = {
  MCP_USE_NEW_SYSTEM:
    'Reads come from the target wherever the stage permits it. It moves nothing up and lifts nothing that the protocol asks for.',
  MCP_MIGRATION_MODE: 'No ceiling.',
  MCP_BACKUP_VALIDATION: 'No back-up is asked for.',
  MCP_ENABLE_AUTO_ROLLBACK: 'Plans and rules roll back by themselves, as each is told to.',
}

/** Where a move goes: a stage, or beyond all of them. */
export type Goal = Stage | 'clean-up'

/** The override whose ceiling lies below `to`. */
export function overrideAgainst(switches: Switches, to: Goal): Override | null {
  const height = to === 'clean-up' ? Number.POSITIVE_INFINITY : stageIndex(to)
  return overridesOf(switches).find(({ ceiling }) => ceiling !== null && height > stageIndex(ceiling)) ?? null
}

/** The override that turns back what stands at `stage`. */
export function overrideBelow(switches: Switches, stage: Stage): Override | null {
  const isBeyond = ({ forcesDown }: Override): boolean =>
    forcesDown !== null && stageIndex(stage) > stageIndex(forcesDown)
  return overridesOf(switches).find(isBeyond) ?? null
}

/** Whether `to` lies where the source is given up, and a back-up has to exist if that is asked for. */
export function needsBackup({ backupValidation }: Switches, to: Goal): boolean {
  return backupValidation === true && (to === 'clean-up' || stageIndex(to) >= stageIndex('rampdown'))
}

/** Plans and rules may roll back by themselves, as far as each is told to. */
export function mayRollBackByItself({ autoRollback }: Switches): boolean {
  return autoRollback !== false
}

/** What two variables ask for that cannot both be; `null`: they agree. */
export function contradictionIn({ useNewSystem, mode }: Switches): { variable: SwitchName; fault: string } | null {
  if (useNewSystem !== true || mode !== 'rollback') return null
  return {
    variable: 'MCP_USE_NEW_SYSTEM',
    fault:
      'is true, and MCP_MIGRATION_MODE is rollback: reads cannot come from the target and from the source. Unset one of them',
  }
}
