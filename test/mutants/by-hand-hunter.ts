import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './bundle.js'
import type { Edit, Hunter } from './mutant.js'
import type { Pins } from './pins.js'

/**
 * The tests that play each guard's story by hand, over the mutated source. The last resort: what only they find out has
 * not been shown to do harm by any history that the simulation or the model came by.
 */
export function byHandHunter(pins: Pins): Hunter {
  return async ({ name, edits }, { seeds }) => {
    const pin = pins[name]
    if (seeds === 0 && pin?.ground !== 'by-hand') return null
    const failed = await firstFailure(edits)
    return failed === null ? null : { ground: 'by-hand', seed: failed.test, steps: 1, fault: failed.fault }
  }
}

interface Reported {
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[]
}

function firstFailure(edits: readonly Edit[]): Promise<{ test: string; fault: string } | null> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const config = join(ROOT, 'test/mutants/by-hand.config.ts')
  const args = [vitest, 'run', '--config', config, '--root', ROOT, '--reporter=json', '--bail=1']
  const env = { ...process.env, MUTANT_EDITS: JSON.stringify(edits), VITEST: undefined }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: ROOT, env, maxBuffer: 1e8 }, (_error, stdout) => {
      const start = stdout.indexOf('{"num')
      if (start < 0) return reject(new Error(`The tests by hand did not run: ${stdout.slice(0, 500)}`))
      const { testResults } = JSON.parse(stdout.slice(start)) as Reported
      const all = testResults.flatMap(({ assertionResults }) => assertionResults)
      const failed = all.find(({ status }) => status === 'failed')
      const fault = failed?.failureMessages[0]?.split('\n')[0] ?? ''
      resolve(failed === undefined ? null : { test: failed.fullName, fault })
    })
  })
}
