import { readFile } from 'node:fs/promises'
import { runCli } from '../lib/cli/cli.js'
import { processTerminal } from '../lib/cli/terminal.js'
import packageJson from '../package.json' with { type: 'json' }

/**
 * `cutover VERB`: the operators' commands against the server at CUTOVER_URL, with CUTOVER_ADMIN_TOKEN or the token of
 * a lesser role. `cutover help` lists the verbs.
 */
const { commands } = await import('../lib/commands/index.js')

process.exitCode = await runCli(process.argv.slice(2), {
  commands,
  env: process.env,
  terminal: processTerminal(process),
  clock: {
    monotonic: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  },
  fetch,
  readFile: (path) => readFile(path, 'utf8'),
  version: packageJson.version,
})
