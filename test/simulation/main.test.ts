import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { optionsOf } from './main-options.js'
import type { Outcome } from './play.js'
import { scenarioOf } from './scenario.js'

describe('options', () => {
  test('without any: as many histories as a normal test run, on every core', () => {
    const options = optionsOf([])
    expect(options).toMatchObject({ kind: 'many', from: 1, seeds: 2_000, minutes: null, target: null, json: false })
  })

  test('a range, processes, a time, a driver', () => {
    const given = '--seeds 50 --from 7 --workers 3 --minutes 0.5 --target redis --json'.split(' ')
    expect(optionsOf(given)).toEqual({
      kind: 'many',
      from: 7,
      seeds: 50,
      workers: 3,
      minutes: 0.5,
      target: 'redis',
      json: true,
    })
    expect(optionsOf(['--minutes', '2'])).toMatchObject({ seeds: Number.MAX_SAFE_INTEGER })
  })

  test('one history: by its seed, or as it was printed', () => {
    expect(optionsOf(['--seed', '11'])).toMatchObject({ kind: 'replay', scenario: scenarioOf(11) })
    expect(optionsOf(['--seed', '11', '--target', 'redis'])).toMatchObject({ scenario: { target: 'redis' } })
    const shrunk = { ...scenarioOf(12), only: ['s1/2'], skip: ['c0-1'] }
    expect(optionsOf(['--scenario', JSON.stringify(shrunk)])).toMatchObject({ kind: 'replay', scenario: shrunk })
  })

  test.each([
    [['--seeds', 'many'], '--seeds is a whole number of at least 1, not "many".'],
    [['--seeds', '0'], '--seeds is a whole number of at least 1, not "0".'],
    [['--from', '-1'], '--from'],
    [['--workers', '1.5'], '--workers is a whole number of at least 1, not "1.5".'],
    [['--minutes', '0'], '--minutes is a number above 0, not "0".'],
    [['--target', 'postgres'], '--target is memory or redis, not "postgres".'],
    [['--seed'], '--seed'],
    [['--seed', '1', '--seeds', '2'], '--seed and --seeds do not go together.'],
    [['--seed', '1', '--scenario', '{}'], '--seed and --scenario do not go together.'],
    [['--scenario', '{seed'], '--scenario is not JSON; quote it for the shell.'],
    [['--scenario', '{"seed":1}'], '--scenario has no proper partitions'],
    [['--sedes', '2'], '--sedes'],
    [['2000'], '2000'],
  ])('%j is refused by name', (argv, message) => {
    expect(() => optionsOf(argv)).toThrow(message)
  })
})

describe('the program', { timeout: 120_000 }, () => {
  test('plays seeds over processes, and reports as JSON', async () => {
    const { code, out } = await run('--seeds', '6', '--workers', '2', '--json')
    const report = JSON.parse(out) as { [name: string]: unknown }
    expect(report).toMatchObject({ histories: 6, workers: 2, failure: null })
    expect(code).toBe(0)
  })

  test('replays a seed with its trace', async () => {
    const { code, out } = await run('--seed', '2', '--json')
    const outcome = JSON.parse(out) as Outcome
    expect(outcome.trace.length).toBeGreaterThan(20)
    expect(code).toBe(outcome.faults.length === 0 ? 0 : 1)
  })

  test('ends with code 2 where an option is at fault', async () => {
    const { code, errors } = await run('--seeds', 'x')
    expect(code).toBe(2)
    expect(errors).toContain('--seeds is a whole number')
    expect(errors).toContain('Usage:')
  })
})

function run(...argv: string[]): Promise<{ code: number | null; out: string; errors: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/simulation/main.ts', ...argv])
  let out = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, errors }))
  })
}
