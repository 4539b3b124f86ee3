import { writeFile } from 'node:fs/promises'
import { jsonLine } from '../../lib/cli/text.js'
import { progressOn } from '../../scripts/demo/progress.js'
import { chaos } from './chaos.js'
import { parseOptions, USAGE } from './options.js'
import { redisMissing } from './redis.js'
import { reportText } from './report.js'

/** `npm run chaos`: see `chaos.ts`. Ends with 0 only without any violation; 1 with one, 2 for wrong arguments. */
const options = parseOptions(process.argv.slice(2))
if (typeof options === 'string') {
  process.stderr.write(options === '' ? USAGE : `${options}\n\n${USAGE}`)
  process.exit(options === '' ? 0 : 2)
}

const progress = progressOn(process.stderr, performance.now())
const missing = redisMissing()
if (missing !== null) progress.say(`${missing}: the embedded Redis stands in, and is not killed`)
const report = await chaos(options, progress)
progress.end()
if (options.out !== null) await writeFile(options.out, jsonLine(report))
process.stdout.write(options.json ? jsonLine(report) : reportText(report))
if (options.json) for (const violation of report.violations) process.stderr.write(`${violation}\n`)
process.exit(report.ok ? 0 : 1)
