import { describe, expect, it } from 'vitest'
import { parseEnvironment } from '../../lib/core/environment.js'
import { CutoverError } from '../../lib/core/error.js'
import { STAGES, type Stage, stageIndex } from '../../lib/core/stage.js'
import {
  mayRollBackByItself,
  NO_SWITCHES,
  needsBackup,
  overrideAgainst,
  overrideBelow,
  overridesOf,
  type Switches,
} from '../../lib/core/switches.js'

const REQUIRED = {
  UPSTASH_REDIS_REST_URL: 'https://redis.example.com',
  UPSTASH_REDIS_REST_TOKEN: 'token',
  QSTASH_TOKEN: 'token',
  QSTASH_CURRENT_SIGNING_KEY: 'key',
  QSTASH_NEXT_SIGNING_KEY: 'key',
  CUTOVER_SOURCE_DIR: '/documents',
  CUTOVER_PUBLIC_URL: 'https://app.example.com',
}

function read(env: { [name: string]: string }): Switches {
  return parseEnvironment({ ...REQUIRED, ...env }).switches
}

function faults(env: { [name: string]: string }): string {
  try {
    read(env)
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'configuration') return error.message
  }
  throw new Error('it was accepted')
}

describe('the four variables', () => {
  it('that are not set, or empty, force nothing', () => {
    expect(read({})).toEqual(NO_SWITCHES)
    expect(read({ MCP_MIGRATION_MODE: ' ', MCP_USE_NEW_SYSTEM: '' })).toEqual(NO_SWITCHES)
    expect(overridesOf(NO_SWITCHES)).toEqual([])
    for (const stage of STAGES) expect(overrideAgainst(NO_SWITCHES, stage)).toBeNull()
    expect(overrideAgainst(NO_SWITCHES, 'clean-up')).toBeNull()
    expect(mayRollBackByItself(NO_SWITCHES)).toBe(true)
  })

  it('are read together', () => {
    const env = {
      MCP_USE_NEW_SYSTEM: 'false',
      MCP_MIGRATION_MODE: 'safe',
      MCP_BACKUP_VALIDATION: 'true',
      MCP_ENABLE_AUTO_ROLLBACK: 'false',
    }
    expect(read(env)).toEqual({ useNewSystem: false, mode: 'safe', backupValidation: true, autoRollback: false })
    expect(overridesOf(read(env)).map(({ variable, value }) => `${variable}=${value}`)).toEqual([
      'MCP_USE_NEW_SYSTEM=false',
      'MCP_MIGRATION_MODE=safe',
      'MCP_BACKUP_VALIDATION=true',
      'MCP_ENABLE_AUTO_ROLLBACK=false',
    ])
  })

  it('that are misspelt are all named in one error, without their values', () => {
    const message = faults({
      MCP_USE_NEW_SYSTEM: 'yes-secret',
      MCP_MIGRATION_MODE: 'careful-secret',
      MCP_BACKUP_VALIDATION: '1',
      MCP_ENABLE_AUTO_ROLLBACK: 'TRUE',
    })
    expect(message).toContain('MCP_USE_NEW_SYSTEM must be true or false.')
    expect(message).toContain('MCP_MIGRATION_MODE must be one of safe, full, rollback.')
    expect(message).toContain('MCP_BACKUP_VALIDATION must be true or false.')
    expect(message).toContain('MCP_ENABLE_AUTO_ROLLBACK must be true or false.')
    expect(message).not.toContain('secret')
  })

  it('that contradict each other are refused; a stricter one beside a laxer one is not', () => {
    const message = faults({ MCP_USE_NEW_SYSTEM: 'true', MCP_MIGRATION_MODE: 'rollback' })
    expect(message).toContain('MCP_USE_NEW_SYSTEM is true, and MCP_MIGRATION_MODE is rollback')
    expect(message).toContain('Unset one of them.')
    for (const mode of ['safe', 'full', 'rollback']) {
      expect(read({ MCP_USE_NEW_SYSTEM: 'false', MCP_MIGRATION_MODE: mode })).toMatchObject({ useNewSystem: false })
    }
    for (const mode of ['safe', 'full']) read({ MCP_USE_NEW_SYSTEM: 'true', MCP_MIGRATION_MODE: mode })
  })
})

describe('a ceiling', () => {
  const ceilings: [string, Partial<Switches>, Stage | null][] = [
    ['safe', { mode: 'safe' }, 'live'],
    ['full', { mode: 'full' }, null],
    ['rollback', { mode: 'rollback' }, 'off'],
    ['not the new system', { useNewSystem: false }, 'shadow'],
    ['the new system', { useNewSystem: true }, null],
    ['rollback without the new system', { mode: 'rollback', useNewSystem: false }, 'off'],
    ['safe without the new system', { mode: 'safe', useNewSystem: false }, 'shadow'],
    ['full without the new system', { mode: 'full', useNewSystem: false }, 'shadow'],
  ]
  it.each(ceilings)('of %s stands against what lies above it, and against nothing else', (_, some, ceiling) => {
    const switches = { ...NO_SWITCHES, ...some }
    for (const to of STAGES) {
      const isAbove = ceiling !== null && stageIndex(to) > stageIndex(ceiling)
      expect([to, overrideAgainst(switches, to) !== null]).toEqual([to, isAbove])
    }
    expect(overrideAgainst(switches, 'clean-up') !== null).toBe(ceiling !== null)
  })

  it('turns back what stands beyond it where reads must come from the source, and only there', () => {
    for (const stage of STAGES) {
      const beyond = stageIndex(stage) > stageIndex('shadow')
      expect(overrideBelow({ ...NO_SWITCHES, mode: 'rollback' }, stage) !== null).toBe(beyond)
      expect(overrideBelow({ ...NO_SWITCHES, useNewSystem: false }, stage) !== null).toBe(beyond)
      expect(overrideBelow({ ...NO_SWITCHES, mode: 'safe' }, stage)).toBeNull()
      expect(overrideBelow({ ...NO_SWITCHES, useNewSystem: true, mode: 'full' }, stage)).toBeNull()
    }
  })
})

describe('a back-up', () => {
  it('is needed where the source is given up, if that is asked for', () => {
    const asked = { ...NO_SWITCHES, backupValidation: true }
    const needing = [...STAGES, 'clean-up' as const].filter((to) => needsBackup(asked, to))
    expect(needing).toEqual(['rampdown', 'complete', 'clean-up'])
    for (const backupValidation of [false, null])
      expect(needsBackup({ ...NO_SWITCHES, backupValidation }, 'complete')).toBe(false)
  })
})
