import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { isStage, STAGES, type Stage } from '../../../lib/core/stage.js'
import { watch } from '../../../lib/engine/watch.js'
import { fill, go, pass, put, type World, world } from '../runs/world.js'

/** The table of docs/failing-well.md, line by line. */
interface Line {
  stage: string
  away: string
  reads: string
  writes: string
  later: string
}

const LINES: Line[] = readFileSync('docs/failing-well.md', 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells.length === 7 && (isStage(cells[1] ?? '') || cells[1] === 'any'))
  .map(([, stage = '', away = '', reads = '', writes = '', later = '']) => ({ stage, away, reads, writes, later }))

async function worldIn(stage: Stage, leaseMs: number | null): Promise<World> {
  const at = world({ leaseMs })
  await fill(at, 12)
  await go(at, stage)
  if (stage === 'shadow') await pass(at)
  await at.settled()
  return at
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'work'
  } catch (error) {
    if (!(error instanceof CutoverError) || !['unavailable', 'outcome-unknown'].includes(error.code)) throw error
    return 'fail'
  }
}

async function readsOf(at: World, stage: Stage): Promise<string> {
  const usual = ['off', 'dualwrite', 'shadow'].includes(stage) ? 'source' : 'target'
  let from = ''
  const outcome = await outcomeOf(
    at.plane.get('projects', 'r0003').then((found) => {
      expect(found).toMatchObject({ kind: 'found', value: { number: 3 } })
      from = found.servedBy
    }),
  )
  return outcome === 'fail' || from === usual ? outcome : `from the ${from}`
}

const ONE_STORE = LINES.filter(({ away }) => away !== 'ledger and queue')

describe('limited service, as the table of the guide says', () => {
  it('has a line for every stage and store', () => {
    const wanted = STAGES.flatMap((stage) => ['source', 'target'].map((away) => `${stage}, ${away}`))
    expect(ONE_STORE.map(({ stage, away }) => `${stage}, ${away}`)).toEqual(wanted)
    expect(LINES).toHaveLength(wanted.length + 1)
  })

  it.each(ONE_STORE)(
    '$stage without the $away: reads $reads, writes $writes',
    async ({ stage, away, reads, writes }) => {
      if (!isStage(stage)) throw new Error(stage)
      const at = await worldIn(stage, null)
      at.faults.down.add(away === 'source' ? 'source' : 'target')
      expect(await readsOf(at, stage)).toBe(reads)
      expect(await outcomeOf(put(at, 'r0005', { number: 50 }))).toBe(writes)
      await at.settled()
    },
  )

  it.each(ONE_STORE)('$stage without the $away, later: $later', async ({ stage, away, later }) => {
    if (!isStage(stage)) throw new Error(stage)
    const at = await worldIn(stage, 1_000)
    at.faults.down.add(away === 'source' ? 'source' : 'target')
    await watch(at.context)
    const [next] = later.split(':')
    const survivor = next === 'rampdown' ? at.collection.target : at.collection.source
    if (later === 'the same') {
      const other = away === 'source' ? at.collection.target : at.collection.source
      const { fence } = (await other.partitions[0]?.control()) ?? {}
      if (stage !== 'off' || away !== 'source') expect(fence?.ranges[0]?.stage).toBe(stage)
      return
    }
    expect((await survivor.partitions[0]?.control())?.fence?.ranges[0]?.stage).toBe(next)
    expect(await outcomeOf(at.plane.get('projects', 'r0003'))).toBe('work')
    expect(await outcomeOf(put(at, 'r0005', { number: 51 }))).toBe('work')
  })

  it('in any stage without ledger and queue', async () => {
    for (const stage of STAGES) {
      const at = await worldIn(stage, null)
      at.faults.down.add('ledger')
      at.faults.down.add('queue')
      expect([stage, await readsOf(at, stage)]).toEqual([stage, 'work'])
      expect([stage, await outcomeOf(put(at, 'r0005', { number: 50 }))]).toEqual([stage, 'work'])
      await at.settled()
    }
  })
})
