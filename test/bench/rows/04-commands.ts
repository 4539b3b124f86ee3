import { STAGES, type Stage } from '../../../lib/core/stage.js'
import type { Wired } from '../../../lib/wire.js'
import { openDeployment } from '../parts/deployment.js'
import { type Cost, type Trace, traceRequests } from '../parts/trace.js'
import type { Figure, Measured, Row, Setting } from '../row.js'
import { type Bench, extrasAt } from './commands/extras.js'
import { ready } from './commands/operations.js'
import { isWithin, OPERATIONS, shown, TABLE } from './commands/table.js'

export const row: Row = {
  number: 4,
  work: 'Redis commands and round trips per operation, counted at the gateway',
  against: 'the cost table of the protocol',
  goal: 'exactly that table; 0 for flags',
  run,
}

const RECORDS = 500
const BYTES = 300
const DELAY_MS = 3

async function run({ size, tell }: Setting): Promise<Measured> {
  const repeats = size === 'small' ? 1 : 6
  const deployment = await openDeployment({ records: RECORDS, bytes: BYTES })
  try {
    const figures: Figure[] = []
    const more: Figure[] = []
    let [operations, surplus] = [0, 0]
    const numbers = Array.from({ length: RECORDS }, (_, number) => number)
    for (const stage of STAGES) {
      await deployment.reach(stage)
      const wired = await deployment.instance()
      const watch = ({ documents }: Wired): Trace =>
        traceRequests({ redisUrl: deployment.stack.redis.url, documents, delayMs: DELAY_MS, quiet: deployment.quiet })
      const bench = { deployment, wired, trace: watch(wired), watch, nextRecord: () => numbers.shift() ?? 0 }
      try {
        const counted = await countStage(bench, stage, repeats)
        figures.push(...counted.figures)
        more.push(...(await extrasAt(stage, bench)))
        operations += counted.operations
        surplus += counted.surplus
      } finally {
        bench.trace.close()
      }
      tell(`${stage} is counted`)
    }
    const over = `stages and flags, over ${operations} operations`
    figures.push({
      what: over,
      figure: `${surplus} commands`,
      against: '0',
      ratio: null,
      met: surplus === 0,
      counted: true,
    })
    return { configuration: configuration(repeats), figures: [...figures, ...more], notes: NOTES }
  } finally {
    await deployment.close()
  }
}

async function countStage(
  bench: Bench,
  stage: Stage,
  repeats: number,
): Promise<{ figures: Figure[]; operations: number; surplus: number }> {
  const { deployment, wired, trace, nextRecord } = bench
  const figures: Figure[] = []
  let [operations, surplus] = [0, 0]
  // What an instance finds out only once: the stage, the scripts' digests, whether the traffic is counted.
  for (const operation of ['read', 'put'] as const) await trace.costOf(await ready(wired, operation, nextRecord()))
  for (const operation of OPERATIONS) {
    const table = TABLE[stage][operation]
    const costs: Cost[] = []
    const atGateway = { commands: 0, requests: 0 }
    for (let repeat = 0; repeat < repeats; repeat++) {
      const call = await ready(wired, operation, nextRecord())
      await deployment.quiet()
      await deployment.stack.resetStats()
      costs.push(await trace.costOf(call))
      const stats = await deployment.stack.stats()
      atGateway.commands += stats.commands
      atGateway.requests += stats.httpRequests
      operations++
      surplus += stats.commands - table.before.commands - table.after.commands
    }
    const first = costs[0]
    if (first === undefined) continue
    const same = costs.every((cost) => shown(cost) === shown(first))
    const traced = costs.reduce((sum, { before, after }) => sum + before.commands + after.commands, 0)
    figures.push({
      what: `${operation}, ${stage}`,
      figure: same ? shown(first) : [...new Set(costs.map(shown))].join(' or '),
      against: shown(table),
      ratio: null,
      met: costs.every((cost) => isWithin(cost, table)) && traced === atGateway.commands,
      counted: true,
    })
  }
  return { figures, operations, surplus }
}

function configuration(repeats: number): string[] {
  return [
    `${RECORDS} records of about ${BYTES} bytes in one JSON document; every case ${repeats} time(s), each on another record, one after the other.`,
    `The production wiring; the stages are reached by the engine's own verbs. Each request takes ${DELAY_MS} ms at least, so that those side by side are seen to be.`,
    `"Trips": the longest chain of requests, of both stores, that had to wait for one another up to the answer.`,
  ]
}

const NOTES = [
  'GET and PUT are requests to the JSON document; a GET that is answered "unchanged" counts as one. Fewer of them than the table has is as good: after a write the instance has the document in hand, and its PUT is conditional.',
  'The table has reads and unconditional writes. A patch and a delete have to read the record first where the target numbers; in shadow every condition is judged on the source first. A page of the target is two ranges of ids in one request, and one MGET of all its records.',
]
