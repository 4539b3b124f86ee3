import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Wired } from '../../lib/wire.js'
import { findInstalledSuite, REVISIONS, runConformance } from '../../scripts/conformance.js'
import { conformanceOptions, registerConformanceFixtures, registerLegacyFixtures } from '../conformance/fixtures.js'
import { reachStage } from './reach-stage.js'
import { type RunningApp, runApp } from './running-app.js'

/** The protocol's own conformance suite, through the production app over real stores, in four stages of a migration. */
const suite = findInstalledSuite()
const reason = suite === null ? ' (skipped: the suite is not installed)' : ''

const EXPECTED: { [revision: string]: { scored: number; expected: number } } = {
  '2026-07-28': { scored: 37, expected: 0 },
  '2025-11-25': { scored: 30, expected: 6 },
}

describe.skipIf(suite === null)(`the conformance suite of MCP, through the production app${reason}`, () => {
  let running: RunningApp
  let wired: Wired
  let url: string

  beforeAll(async () => {
    const hosts = '127.0.0.1,localhost'
    const fixtures = {
      extend: registerConformanceFixtures,
      extendLegacy: registerLegacyFixtures,
      extendOptions: conformanceOptions,
    }
    const env = { CUTOVER_MCP_ALLOWED_HOSTS: hosts, CUTOVER_MCP_ALLOWED_ORIGINS: hosts }
    running = await runApp({}, env, { mcp: fixtures })
    wired = running.wired
    url = `${running.url}/mcp`
    const first = { op: 'first', startedAt: Date.now(), named: false }
    await wired.dataPlane.write('projects', 'p1', first, { kind: 'put', value: { id: 'p1', name: 'First' } })
  })
  afterAll(() => running.close())

  const cases = (['off', 'shadow', 'live', 'complete'] as const).flatMap((stage) =>
    REVISIONS.map((revision) => ({ stage, revision, name: revision.name })),
  )
  test.each(cases)('$name passes in $stage', { timeout: 120_000 }, async ({ stage, revision }) => {
    if (suite === null) throw new Error('no suite')
    await reachStage(wired, stage)
    expect((await wired.dataPlane.get('projects', 'p1')).stage).toBe(stage)
    const report = await runConformance(suite, url, revision)
    expect(report.ok, report.output).toBe(true)
    const scored = report.scenarios.filter((scenario) => scenario.scored)
    const expected = scored.filter((scenario) => scenario.expected)
    expect({ scored: scored.length, expected: expected.length }).toEqual(EXPECTED[revision.name])
    expect(scored.filter((scenario) => scenario.failed > 0 && !scenario.expected)).toEqual([])
  })
})
