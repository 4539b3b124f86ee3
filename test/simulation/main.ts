import { playMany } from './main-fleet.js'
import { type Options, optionsOf, USAGE } from './main-options.js'
import { aimedAt, serveParent } from './main-worker.js'
import { play } from './play.js'
import { failureText, figure, mishapsIn, summaryText, type Totals } from './report.js'
import { type Scenario, scenarioOf } from './scenario.js'
import { played, type Shrunk, shrink } from './shrink.js'

/**
 * `npm run simulate`: plays histories until one fails, and shrinks that. Ends with code 0, with 1 where a history
 * failed, with 2 where the options are at fault.
 */
async function main(argv: readonly string[]): Promise<number> {
  let options: Options
  try {
    options = optionsOf(argv)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return 2
  }
  if (options.kind === 'replay') return replay(options.scenario, options.json)
  try {
    return await many(options)
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  }
}

async function replay(scenario: Scenario, json: boolean): Promise<number> {
  const outcome = await played(play, scenario, true)
  const { trace, faults, operations, counts } = outcome
  if (json) console.log(JSON.stringify({ scenario, ...outcome }))
  else {
    console.log([JSON.stringify(scenario), ...trace, ...faults].join('\n'))
    console.log(`${operations} operations, ${JSON.stringify(counts)}, ${faults.length} faults`)
  }
  return faults.length === 0 ? 0 : 1
}

/** Longest search for a smaller history. */
const SHRINK_SECONDS = 120

async function many(options: Extract<Options, { kind: 'many' }>): Promise<number> {
  const began = performance.now()
  const secondsSince = (): number => (performance.now() - began) / 1_000
  const progress = options.json ? () => {} : progressLine(options.seeds, secondsSince)
  const { totals, failed, workers } = await playMany(options, progress)
  const seconds = secondsSince()
  if (!options.json) {
    if (process.stderr.isTTY) process.stderr.write(CLEAR)
    console.log(summaryText(totals, seconds, workers))
  }
  const shrunk = failed === null ? null : await shrinkSeed(failed, options.target)
  if (options.json) console.log(JSON.stringify({ ...totals, seconds, workers, failure: failureOf(failed, shrunk) }))
  else if (failed !== null && shrunk !== null) console.log(failureText(failed, shrunk))
  return failed === null ? 0 : 1
}

function shrinkSeed(seed: number, target: Scenario['target'] | null): Promise<Shrunk> {
  if (process.stderr.isTTY) process.stderr.write(`Seed ${seed} fails; looking for a smaller history...\n`)
  return shrink(aimedAt(scenarioOf(seed), target), play, { seconds: SHRINK_SECONDS })
}

function failureOf(seed: number | null, shrunk: Shrunk | null): object | null {
  if (seed === null || shrunk === null) return null
  const { scenario, outcome, replays, complete, was, is } = shrunk
  return { seed, faults: outcome.faults, scenario, replays, complete, was, is }
}

const CLEAR = '\r\u001b[K'
const TERMINAL_MS = 250
const LOG_MS = 10_000

/** One line that is written over on a terminal; a line now and then elsewhere. */
function progressLine(seeds: number, secondsSince: () => number): (totals: Totals) => void {
  const { isTTY } = process.stderr
  let last = 0
  return (totals) => {
    const seconds = secondsSince()
    if (seconds * 1_000 - last < (isTTY ? TERMINAL_MS : LOG_MS)) return
    last = seconds * 1_000
    const of = seeds === Number.MAX_SAFE_INTEGER ? '' : ` of ${figure(seeds)}`
    const rate = (totals.histories / seconds).toFixed(1)
    const mischief = `${figure(totals.operations)} operations, ${figure(mishapsIn(totals))} faults injected`
    const line = `${figure(totals.histories)}${of} histories, ${rate}/s, ${mischief}`
    process.stderr.write(isTTY ? `${CLEAR}${line}` : `${line}\n`)
  }
}

if (process.send === undefined) process.exitCode = await main(process.argv.slice(2))
else serveParent()
