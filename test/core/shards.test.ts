import { describe, expect, it } from 'vitest'
import type { Run } from '../../lib/core/run.js'
import { shardsOf } from '../../lib/core/shards.js'
import { begin, deliver, drain, fill, go, runOf, world } from '../engine/runs/world.js'

const PARTITIONS = 6

async function underWay(): Promise<Run[]> {
  const at = world({ partitions: PARTITIONS })
  await fill(at, 300)
  await go(at, 'dualwrite')
  const run = await begin(at, { throttle: false, recordsPerSecondMax: 5 })
  at.faults.before = (store, call) => {
    if (store === 'target' && call === 'applyMany') at.clock.time += 20
  }
  const seen: Run[] = [await runOf(at, run.id)]
  for (let deliveries = 0; deliveries < 500; deliveries++) {
    const [next] = at.queue.peek()
    if (next === undefined) return seen
    at.queue.lose(next.messageId)
    at.clock.time += (next.delaySeconds ?? 0) * 1000
    await deliver(at, next)
    seen.push(await runOf(at, run.id))
  }
  throw new Error('it never ends')
}

describe('a run that works partitions side by side', () => {
  it('tells of each how far it is, and the parts are the whole', async () => {
    const seen = await underWay()
    for (const run of seen.slice(0, -1)) {
      const shards = shardsOf(run)
      expect(shards.map(({ partition }) => partition)).toEqual([0, 1, 2, 3, 4, 5])
      expect(shards.reduce((sum, { total }) => sum + (total ?? 0), 0)).toBe(run.total)
      expect(shards.reduce((sum, { done }) => sum + (done ?? 0), 0)).toBe(run.done)
    }
    const states = seen.map((run) => shardsOf(run).map(({ status }) => status))
    expect(new Set(states[0])).toEqual(new Set(['waiting']))
    expect(states.some((now) => now.includes('running') && now.includes('waiting'))).toBe(true)
    expect(states.some((now) => now.includes('done') && !now.every((status) => status === 'done'))).toBe(true)
    expect(new Set(states.at(-1))).toEqual(new Set(['done']))
  })

  it('knows a rate only of what is worked on, and what is left at that rate', async () => {
    const seen = await underWay()
    const all = seen.flatMap((run) => shardsOf(run))
    const rated = all.filter(({ perSecond }) => perSecond !== null)
    expect(rated.length).toBeGreaterThan(0)
    for (const { status, done, total, perSecond, secondsLeft } of rated) {
      expect(status).toBe('running')
      expect(secondsLeft).toBe(Math.ceil(((total ?? 0) - (done ?? 0)) / (perSecond ?? 1)))
    }
    for (const { status, secondsLeft } of all) {
      if (status === 'waiting') expect(secondsLeft).toBeNull()
      if (status === 'done') expect(secondsLeft).toBe(0)
    }
  })

  it('does not make up counts of a run that has ended, or was begun before they were kept', async () => {
    const [run] = (await underWay()).slice(2)
    if (run === undefined) throw new Error('it was under way')
    const { tallies: _none, ...before } = run.cursor as { tallies: object; lanes: object[] }
    const old = shardsOf({ ...run, cursor: before as unknown as Run['cursor'] })
    expect(old.map(({ done }) => done)).toEqual(Array(PARTITIONS).fill(null))
    const ended = shardsOf({ ...run, cursor: null, status: 'succeeded' })
    expect(ended.map(({ done, status }) => [done, status])).toEqual(Array(PARTITIONS).fill([null, 'done']))
    const failed = shardsOf({ ...run, cursor: null, status: 'failed' })
    expect(failed.map(({ status }) => status)).toEqual(Array(PARTITIONS).fill('stopped'))
    const paused = shardsOf({ ...run, status: 'paused' }).map(({ status }) => status)
    expect(new Set(paused)).toEqual(new Set(paused.filter((status) => status === 'stopped' || status === 'done')))
  })
})

it('a run over all partitions at once, or over one, is one part', async () => {
  const at = world({ partitions: 1 })
  await fill(at, 20)
  await go(at, 'dualwrite')
  const run = await begin(at, {})
  await drain(at)
  expect(shardsOf(await runOf(at, run.id))).toMatchObject([
    { partition: null, label: 'projects', status: 'done', done: 20, total: 20, secondsLeft: 0 },
  ])
})
