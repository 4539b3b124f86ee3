import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * Runs the conformance suite of the Model Context Protocol against a running endpoint, for both revisions that cutover
 * serves: `tsx scripts/conformance.ts http://127.0.0.1:3000/mcp`. The endpoint must have the fixtures of
 * `test/conformance/fixtures.ts`. Ends with code 0 if every scored scenario passes, but for those of the baseline of
 * 2025-11-25, which need sessions; 1 if one does not; 2 if it was called wrongly.
 */
async function main(url: string | undefined): Promise<number> {
  if (url === undefined || !URL.canParse(url)) {
    console.error('Usage: tsx scripts/conformance.ts URL-OF-THE-MCP-ENDPOINT')
    return 2
  }
  const suite = findInstalledSuite() ?? downloadedSuite()
  console.log(`${suite.label}, Node ${process.version}, ${url}`)
  let failed = false
  for (const revision of REVISIONS) {
    const report = await runConformance(suite, url, revision)
    console.log(`\n${tableOf(report)}`)
    if (!report.ok) console.log(report.output)
    failed ||= !report.ok
  }
  return failed ? 1 : 0
}

/** The revisions, with the file of what is expected to fail. */
export const REVISIONS: readonly Revision[] = [
  { name: '2026-07-28', baseline: null, unscored: [] },
  {
    name: '2025-11-25',
    baseline: fileURLToPath(new URL('../test/conformance/baseline-2025-11-25.yml', import.meta.url)),
    unscored: ['server-session-lifecycle', 'json-schema-2020-12', 'server-sse-polling'],
  },
]

export interface Revision {
  name: string
  baseline: string | null
  /** Scenarios without a verdict. The suite names them itself where there is no baseline. */
  unscored: readonly string[]
}

/** How to call the suite; `args` come before its own. */
export interface Suite {
  label: string
  command: string
  args: readonly string[]
}

export interface ConformanceReport {
  revision: string
  /** What the suite itself says, the baseline considered. */
  ok: boolean
  /** `expected`: the baseline says that it does not pass. */
  scenarios: { name: string; passed: number; failed: number; scored: boolean; expected: boolean }[]
  /** All that the suite has printed. */
  output: string
}

/** Exact: alphas differ in what they check. Versions below 0.2 know nothing of 2026-07-28. */
const SUITE = { name: '@modelcontextprotocol/conformance', version: '0.2.0-alpha.12' }
const RUN_MS_MAX = 180_000

export function findInstalledSuite(): Suite | null {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${SUITE.name}/package.json`)
    const args = [...nodeArgs(), join(dirname(manifest), 'dist/index.js')]
    return { label: `${SUITE.name}, installed`, command: process.execPath, args }
  } catch {
    return null
  }
}

/** npm fetches it and keeps it in its cache. */
export function downloadedSuite(): Suite {
  const wanted = `${SUITE.name}@${SUITE.version}`
  return { label: wanted, command: 'npm', args: ['exec', '--yes', `--package=${wanted}`, '--', 'conformance'] }
}

export async function runConformance(suite: Suite, url: string, revision: Revision): Promise<ConformanceReport> {
  const out = await mkdtemp(join(tmpdir(), 'conformance-'))
  try {
    const args = ['server', '--url', url, '--requirements', revision.name, '-o', out]
    if (revision.baseline !== null) args.push('--expected-failures', revision.baseline)
    const { code, output } = await run(suite, args)
    const scenarios = scenariosOf(output, revision.unscored)
    return { revision: revision.name, ok: code === 0 && scenarios.length > 0, scenarios, output }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

function run(suite: Suite, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const NODE_OPTIONS = [process.env.NODE_OPTIONS ?? '', ...nodeArgs()].join(' ').trim()
    const env = suite.command === process.execPath ? process.env : { ...process.env, NODE_OPTIONS }
    const child = spawn(suite.command, [...suite.args, ...args], { env, timeout: RUN_MS_MAX })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** From lines of the suite's summary, such as `✓ tools-list: 4 passed, 0 failed`, and from its lists below that. */
function scenariosOf(output: string, unscored: readonly string[]): ConformanceReport['scenarios'] {
  const named = (pattern: RegExp) => [...output.matchAll(pattern)].map(([, name = '']) => name)
  const outside = new Set([...unscored, ...named(/^ {2}[✓✗] ([\w-]+) \(/gm)])
  const expected = new Set(named(/^ {2}~ ([\w-]+)/gm))
  return [...output.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed/gm)].map(([, name = '', passed, failed]) => ({
    name,
    passed: Number(passed),
    failed: Number(failed),
    scored: !outside.has(name),
    expected: expected.has(name),
  }))
}

function tableOf({ revision, ok, scenarios }: ConformanceReport): string {
  const scored = scenarios.filter((scenario) => scenario.scored)
  const rows = scored.map(({ name, passed, failed, expected }) => {
    return `  ${name.padEnd(48)} ${passed} passed, ${failed} failed${expected ? ' (expected)' : ''}`
  })
  const clean = scored.filter(({ failed, expected }) => failed === 0 && !expected).length
  const verdict = ok ? 'as expected' : 'NOT as expected'
  return [`${revision}: ${clean} of ${scored.length} scenarios pass, ${verdict}`, ...rows].join('\n')
}

/**
 * The suite imports `globSync`, which Node 20 lacks, for a command that is not called here. There it is given one that
 * throws; nothing else in the suite needs a later Node.
 */
function nodeArgs(): string[] {
  if (Number.parseInt(process.versions.node, 10) >= 22) return []
  const fs = `export * from 'node:fs';export{default}from'node:fs';export function globSync(){throw new Error('Node 20')}`
  const hooks = `export async function resolve(specifier, context, next) {
    const isOurs = specifier === 'fs' && context.parentURL?.includes('${SUITE.name}/')
    return isOurs ? { url: ${JSON.stringify(dataUrl(fs))}, shortCircuit: true } : next(specifier, context)
  }`
  return [`--import=${dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))})`)}`]
}

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv[2])
}
