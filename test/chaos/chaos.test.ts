import { beforeAll, describe, expect, test } from 'vitest'
import { builtFunctions } from '../../scripts/build/built.js'
import { chaos } from './chaos.js'
import { chaosOptions, parseOptions } from './options.js'
import { redisMissing } from './redis.js'
import { type Report, reportText } from './report.js'

/** Once for each source: see `test/deploy`. */
const BUILD_MS_MAX = 300_000
const SECONDS = 8
const missing = redisMissing()

beforeAll(async () => {
  await builtFunctions()
}, BUILD_MS_MAX)

describe('real processes under faults', () => {
  let report: Report

  beforeAll(async () => {
    report = await chaos(chaosOptions(1, { seconds: SECONDS }))
    console.log(reportText(report))
  }, 300_000)

  test('every history is that of one register, and both stores end equal', () => {
    expect(report.violations).toEqual([])
    expect(report.ok).toBe(true)
    expect(report.reconnects).toBe(0)
  })

  test('clients were served, machines died, networks broke, stages moved', () => {
    const answered = Object.values(report.operations).reduce((sum, count) => sum + count.answered, 0)
    expect(answered).toBeGreaterThan(30)
    expect(report.checked.records).toBeGreaterThan(8)
    expect(Object.keys(report.faults).length).toBeGreaterThan(5)
    expect(Object.keys(report.course.moves).length).toBeGreaterThan(0)
  })

  test.skipIf(missing !== null)(
    `Redis was killed and came back${missing === null ? '' : ` (skipped: ${missing})`}`,
    () => {
      expect(report.faults['kill redis']?.count ?? 0).toBeGreaterThan(0)
    },
  )
})

describe('the recorder and the checker', () => {
  test.each(['stale-reads', 'lost-writes'] as const)('find %s', { timeout: 120_000 }, async (sabotage) => {
    const report = await chaos(chaosOptions(9, { seconds: 3, instances: 1, sabotage, faults: false }))
    expect(report.ok).toBe(false)
    expect(report.violations.join('\n')).toContain('is not linearizable')
    expect(report.checked.notLinearizable).toBeGreaterThan(0)
  })
})

describe('the arguments', () => {
  test('are read, or explained', () => {
    expect(parseOptions(['--seconds', '60', '--seed', '7', '--instances', '2', '--json'])).toMatchObject({
      seconds: 60,
      seed: 7,
      instances: 2,
      json: true,
    })
    expect(parseOptions([])).toMatchObject({ seconds: 30, seed: 1, instances: 3 })
    expect(parseOptions(['--help'])).toBe('')
    expect(parseOptions(['--seconds', '1'])).toContain('5 to 3600')
    expect(parseOptions(['--what'])).toContain('--what')
  })
})
