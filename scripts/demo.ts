import { setTimeout as sleep } from 'node:timers/promises'
import { jsonLine } from '../lib/cli/text.js'
import { parseOptions, USAGE } from './demo/options.js'
import { progressOn } from './demo/progress.js'
import { reportText } from './demo/report.js'
import { processLog, runDemo } from './demo/run.js'

/**
 * The whole migration on one machine: real records, MCP and HTTP traffic, several instances that come and go, all
 * stages up and back, clean-up, and a report that the clients counted. Ends with 0 only if nothing was lost.
 */
const FAULTS_SHOWN = 20

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
let close: () => Promise<void> = async () => {}
let closed: Promise<void> | null = null
const closeOnce = (): Promise<void> => {
  closed ??= close()
  return closed
}
let interrupted: () => void = () => {}
const untilInterrupted = new Promise<void>((resolve) => {
  interrupted = resolve
})

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    interrupted()
    progress.end()
    void closeOnce().finally(() => process.exit(process.exitCode ?? code))
  })
}

try {
  const { report, faults, stage } = await runDemo(options, progress, (how) => {
    close = how
  })
  progress.end()
  for (const fault of faults.slice(0, FAULTS_SHOWN)) process.stderr.write(`${fault}\n`)
  if (faults.length > FAULTS_SHOWN) process.stderr.write(`(and ${faults.length - FAULTS_SHOWN} more)\n`)
  if (!report.ok) process.stderr.write(`${await processLog(stage)}\n`)
  process.exitCode = report.ok ? 0 : 1
  process.stdout.write(reportText(report))
  if (options.keep) {
    process.stderr.write(`Still up, until Ctrl-C: ${stage.proxy.url}/ with the admin token ${stage.token}\n`)
    if (options.json) process.stdout.write(jsonLine(report))
    await Promise.race([untilInterrupted, sleep(2 ** 31 - 1)])
  } else if (options.json) process.stdout.write(jsonLine(report))
} catch (error) {
  progress.end()
  process.stderr.write(`The demo was broken off: ${error instanceof Error ? error.message : 'unknown'}\n`)
  process.exitCode = 1
}
await closeOnce()
process.exit()
