import { describe, expect, it } from 'vitest'
import type { Measurement } from '../../../lib/core/metrics/measurement.js'
import { Spending } from '../../../lib/engine/metrics/spending.js'
import { FakeClock } from '../runs/fake-clock.js'

function setting() {
  const clock = new FakeClock(1_750_000_000_000)
  const added: (readonly Measurement[])[] = []
  const metrics = { add: async (_at: number, measurements: readonly Measurement[]) => void added.push(measurements) }
  return { clock, spending: new Spending(clock, 10_000), added, metrics }
}

describe('what was used', () => {
  it('is taken once, by component', () => {
    const { spending } = setting()
    spending.count('projects', 'commands', 3)
    spending.count('projects', 'documentReads')
    spending.count('cutover', 'messages')
    expect(spending.take()).toEqual([
      ['projects', { commands: 3, documentReads: 1 }],
      ['cutover', { messages: 1 }],
    ])
    expect(spending.take()).toEqual([])
  })

  it('has nothing of what was not sent after all', () => {
    const { spending } = setting()
    spending.count('projects', 'commands', 2)
    spending.count('projects', 'commands', -2)
    expect(spending.take()).toEqual([])
  })

  it('is written by itself only when there is much of it, and some time after the last of it', async () => {
    const { spending, added, metrics, clock } = setting()
    spending.count('cutover', 'commands', 200)
    await spending.write(metrics)
    expect(added).toEqual([])
    clock.time += 10_000
    await spending.write(metrics)
    expect(added).toMatchObject([[{ component: 'cutover', path: null, operation: 'runtime', sums: { commands: 200 } }]])
    spending.count('cutover', 'commands', 199)
    clock.time += 10_000
    await spending.write(metrics)
    expect(added).toHaveLength(1)
  })

  it('or when it is old, and not for next to nothing', async () => {
    const { spending, added, metrics, clock } = setting()
    spending.count('cutover', 'commands', 49)
    clock.time += 16 * 60_000
    await spending.write(metrics)
    expect(added).toEqual([])
    spending.count('cutover', 'commands')
    await spending.write(metrics)
    expect(added).toHaveLength(1)
  })

  it('is not sent a second time when nobody knows whether it was taken', async () => {
    const { spending, metrics, added, clock } = setting()
    spending.count('cutover', 'commands', 300)
    clock.time += 10_000
    const away = { add: () => Promise.reject(new Error('no answer')) }
    await expect(spending.write(away)).rejects.toThrow()
    spending.count('cutover', 'commands', 200)
    clock.time += 10_000
    await spending.write(metrics)
    expect(added).toMatchObject([[{ sums: { commands: 200 } }]])
  })
})
