import { describe, expect, it } from 'vitest'
import type { Compared } from '../../bench/parts/compared.js'
import { byHand, clients, theWeekByAutopilot } from '../../bench/parts/courses.js'
import { openReckoned, type Reckoned } from '../../bench/parts/reckoned.js'

/**
 * What the estimate says of each part, against what the gateway and the queue count of it. A part that fails here names
 * the figure in `lib/core/estimate` that has to follow the engine.
 */
const WHERE: { [kind in Compared['kind']]: string } = {
  all: 'plan.ts',
  'stage changes': 'stages.ts',
  'back-fill': 'runs.ts (backfillEstimate) and batches.ts (backfillBatches)',
  validation: 'runs.ts (validateEstimate) and batches.ts (validationBatches)',
  export: 'stages.ts (exportUsage)',
  'clean-up': 'runs.ts (cleanUpEstimate)',
  traffic: 'traffic.ts',
  'autopilot and watch': 'watching.ts and meanwhile.ts',
}

const OPTIONS = { chars: 300, backend: 'embedded' as const }
/** The embedded Redis passes over keys in a SCAN during removals; and it is only a scan of a few keys here. */
const SCANS = 8

async function on<T>(records: number, documents: number, work: (at: Reckoned) => Promise<T>): Promise<T> {
  const at = await openReckoned({ ...OPTIONS, records, documents })
  try {
    return await work(at)
  } finally {
    await at.close()
  }
}

function expectExact(compared: readonly Compared[], commandsOff = 0): void {
  for (const { kind, what, estimated, counted } of compared) {
    const off = kind === 'clean-up' ? SCANS : commandsOff
    const told = `${what}: estimated ${estimated.commands}, counted ${counted.commands}; see ${WHERE[kind]}`
    expect.soft(Math.abs(estimated.commands - counted.commands), told).toBeLessThanOrEqual(off)
    if (kind !== 'traffic') {
      const documents = (amounts: Compared['counted']) => [amounts.documentReads, amounts.documentWrites]
      const [ours, theirs] = [documents(estimated), documents(counted)]
      const apart = Math.max(...ours.map((count, at) => Math.abs(count - (theirs[at] ?? 0))))
      expect
        .soft(apart, `documents of ${what}: ${ours} and ${theirs}; see ${WHERE[kind]}`)
        .toBeLessThanOrEqual(commandsOff)
    }
    expect.soft(estimated.messages, `messages of ${what}; see ${WHERE[kind]}`).toBe(counted.messages)
  }
}

describe('by hand, what was estimated is what is counted', () => {
  it.each([
    [0, 1],
    [150, 1],
    [700, 3],
  ])('%i records in %i documents', { timeout: 60_000 }, async (records, documents) => {
    const { compared, total } = await on(records, documents, (at) => byHand(at, 0))
    expect(compared.length).toBe(10)
    expectExact(compared)
    if (records < 500) return // bytes of small work are those of control documents, which are round figures
    const ratio = total.estimated.bytes / total.counted.bytes
    expect(Math.abs(ratio - 1), 'bytes; see calls.ts and runs.ts').toBeLessThan(0.05)
  })
})

it('tick by tick, the default plan uses what was estimated', { timeout: 60_000 }, async () => {
  const { compared } = await on(60, 2, theWeekByAutopilot)
  // An export reads as clients do, and the counts of that are written once.
  expectExact(compared, 1)
})

it('clients use what the protocol says, and hear once of each stage change', { timeout: 60_000 }, async () => {
  const documents = 2
  expectExact(await on(30, documents, (at) => clients(at, 20)), documents + 1)
})
