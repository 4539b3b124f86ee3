import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerType, serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allParts } from '../../api/_surfaces/all.js'
import { type Wired, wire } from '../../lib/wire.js'
import { findInstalledSuite, REVISIONS, runConformance } from '../../scripts/conformance.js'
import { type Stack, startStack } from '../../scripts/stack/stack.js'
import { conformanceOptions, registerConformanceFixtures, registerLegacyFixtures } from '../conformance/fixtures.js'
import { reachStage } from './reach-stage.js'

/** The protocol's own conformance suite, through the production app over real stores, in four stages of a migration. */
const suite = findInstalledSuite()
const reason = suite === null ? ' (skipped: the suite is not installed)' : ''

const EXPECTED: { [revision: string]: { scored: number; expected: number } } = {
  '2026-07-28': { scored: 37, expected: 0 },
  '2025-11-25': { scored: 30, expected: 6 },
}

describe.skipIf(suite === null)(`the conformance suite of MCP, through the production app${reason}`, () => {
  let stack: Stack
  let wired: Wired
  let server: ServerType
  let url: string
  let dir: string

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cutover-conformance-'))
    stack = await startStack({ backend: 'embedded' })
    const env = {
      ...stack.env,
      CUTOVER_SOURCE_DIR: dir,
      CUTOVER_PUBLIC_URL: 'http://127.0.0.1:1',
      CUTOVER_LOG: 'silent',
    }
    wired = await wire({
      ...env,
      CUTOVER_MCP_ALLOWED_HOSTS: '127.0.0.1,localhost',
      CUTOVER_MCP_ALLOWED_ORIGINS: '127.0.0.1,localhost',
    })
    const fixtures = {
      extend: registerConformanceFixtures,
      extendLegacy: registerLegacyFixtures,
      extendOptions: conformanceOptions,
    }
    const app = await allParts(wired, { mcp: fixtures })
    server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
    const first = { op: 'first', startedAt: Date.now(), named: false }
    await wired.dataPlane.write('projects', 'p1', first, { kind: 'put', value: { id: 'p1', name: 'First' } })
  })
  afterAll(async () => {
    server.close()
    await wired.drained()
    await stack.close()
    await rm(dir, { recursive: true, force: true })
  })

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
