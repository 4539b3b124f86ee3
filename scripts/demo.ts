import { jsonLine } from '../lib/cli/text.js'
import type { Closing } from './demo/deployment.js'
import { linger } from './demo/linger.js'
import { type DemoOptions, parseOptions, USAGE } from './demo/options.js'
import { progressOn } from './demo/progress.js'
import { reportText } from './demo/report.js'
import { type DemoResult, runDemo } from './demo/run.js'

/**
 * The whole migration on one machine: real records, MCP and HTTP traffic, several instances that come and go, all
 * stages up and back, clean-up, and a report that the clients counted. Ends with 0 only if nothing was lost.
 */
const FAULTS_SHOWN = 20
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const

const options = parseOptions(process.argv.slice(2))
if (options === 'help') {
  process.stdout.write(USAGE)
  process.exit(0)
}
if ('fault' in options) {
  process.stderr.write(`${options.fault}\n\n${USAGE}`)
  process.exit(2)
}

const progress = progressOn(process.stderr, performance.now())
let closing: Closing = { close: async () => {}, log: async () => '' }
let closed: Promise<void> | null = null
let stopped = false
for (const [signal, code] of SIGNALS) {
  process.on(signal, () => {
    stopped = true
    void end(process.exitCode === undefined ? code : Number(process.exitCode))
  })
}

try {
  const result = await runDemo(options, progress, (how) => {
    closing = how
  })
  progress.end()
  process.exitCode = result.report.ok ? 0 : 1
  await tell(result, options)
  if (options.keep) await linger(result.deployment.proxy.url) // until a signal
} catch (error) {
  progress.end()
  if (!stopped) {
    process.stderr.write(`The demo was broken off: ${error instanceof Error ? error.message : 'unknown'}\n`)
    process.stderr.write(`${await closing.log()}\n`)
  }
  process.exitCode ??= 1
}
if (!stopped) await end(Number(process.exitCode))

async function tell({ report, faults, deployment }: DemoResult, { json, keep }: DemoOptions): Promise<void> {
  for (const fault of faults.slice(0, FAULTS_SHOWN)) process.stderr.write(`${fault}\n`)
  if (faults.length > FAULTS_SHOWN) process.stderr.write(`(and ${faults.length - FAULTS_SHOWN} more)\n`)
  if (!report.ok) process.stderr.write(`${await closing.log()}\n`)
  const { proxy, token } = deployment
  process.stdout.write(reportText(report))
  if (keep) process.stderr.write(keptText(proxy.url, token))
  if (json) process.stdout.write(jsonLine(report))
}

function keptText(url: string, token: string): string {
  return `
Up until Ctrl-C, with a little traffic and not cleaned up, so that every stage can still be reached:
  dashboard  ${url}/
  sign in    ${token}
  MCP        ${url}/mcp

`
}

/** Ends all processes and removes all files, once, however often it is asked. */
async function end(code: number): Promise<never> {
  progress.end()
  closed ??= closing.close()
  await closed
  process.exit(code)
}
