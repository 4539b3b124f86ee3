import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMcpFetch } from '../../lib/mcp/handler.js'
import { downloadedSuite, findInstalledSuite, REVISIONS, runConformance } from '../../scripts/conformance.js'
import { conformanceOptions, registerConformanceFixtures, registerLegacyFixtures } from '../conformance/fixtures.js'
import { COLLECTIONS } from './endpoint.js'
import { FakeDataPlane } from './fake-data-plane.js'

const suite = findInstalledSuite() ?? (process.env.CONFORMANCE_DOWNLOAD === '1' ? downloadedSuite() : null)
const reason = suite === null ? ' (skipped: the suite is not installed; CONFORMANCE_DOWNLOAD=1 fetches it)' : ''

describe.skipIf(suite === null)(`the conformance suite of the protocol${reason}`, () => {
  const mcpFetch = createMcpFetch({
    dataPlane: new FakeDataPlane().seed('projects', [{ id: 'p1', name: 'First' }]),
    collections: COLLECTIONS,
    version: '0.0.0',
    allowedHosts: ['127.0.0.1', 'localhost'],
    allowedOrigins: ['127.0.0.1', 'localhost'],
    extend: registerConformanceFixtures,
    extendLegacy: registerLegacyFixtures,
    extendOptions: conformanceOptions,
  })
  const server = createServer(getRequestListener((request) => mcpFetch(request)))
  let url: string

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const counts: { [revision: string]: { scored: number; expected: number } } = {
    '2026-07-28': { scored: 37, expected: 0 },
    '2025-11-25': { scored: 30, expected: 6 },
  }
  test.each(REVISIONS)('$name: every scored scenario is as expected', { timeout: 200_000 }, async (revision) => {
    if (suite === null) throw new Error('no suite')
    const report = await runConformance(suite, url, revision)
    expect(report.ok, report.output).toBe(true)
    const scored = report.scenarios.filter((scenario) => scenario.scored)
    const expected = scored.filter((scenario) => scenario.expected)
    expect({ scored: scored.length, expected: expected.length }).toEqual(counts[revision.name])
    expect(scored.filter((scenario) => scenario.failed > 0 && !scenario.expected)).toEqual([])
  })
})
