import { describe, expect, it } from 'vitest'
import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import { memoryTarget } from '../../../lib/drivers/stores/memory/target.js'
import type { Collection } from '../../../lib/engine/collection.js'
import { measure } from '../../../lib/engine/estimate/measure.js'
import { FakeClock } from '../runs/fake-clock.js'

const BUDGET_MS = 10_000

interface Setting {
  clock: FakeClock
  collection: Collection
  reads: () => number
  writes: () => number
}

/** A collection in these documents; each read of one takes `readMs`. */
async function setting(texts: readonly string[], readMs = 0): Promise<Setting> {
  const clock = new FakeClock(1_750_000_000_000)
  const raw = memoryDocuments()
  let [reads, writes] = [0, 0]
  for (const [number, text] of texts.entries()) await raw.put(`projects-${number}.json`, text, { ifMatch: null })
  const documents = {
    ...raw,
    get: async (name: string, known?: string) => {
      reads++
      clock.time += readMs
      return raw.get(name, known)
    },
    put: async (...args: Parameters<typeof raw.put>) => {
      writes++
      return raw.put(...args)
    },
  }
  const partitions = texts.map((_, number) =>
    documentSource({ documents, name: `projects-${number}.json`, collection: 'projects', clock }),
  )
  const target = memoryTarget({ collection: 'projects', partitions: texts.length, clock })
  const collection: Collection = { name: 'projects', source: { partitions }, target, leaseMs: null }
  return { clock, collection, reads: () => reads, writes: () => writes }
}

function documentOf(from: number, until: number): string {
  const numbers = Array.from({ length: until - from }, (_, at) => from + at)
  return JSON.stringify(Object.fromEntries(numbers.map((number) => [`p${number}`, { name: 'ä "x"', number }])))
}

describe('a collection', () => {
  it('is measured to the byte, by one read of each document and no write', async () => {
    const at = await setting([documentOf(10, 50), documentOf(50, 90)])
    const { sizes, sampled, share, problems } = await measure(at.collection, at.clock, BUDGET_MS)
    const text = JSON.stringify({ id: 'p10', name: 'ä "x"', number: 10 })
    const plain = JSON.stringify({ name: 'ä "x"', number: 10 })
    const each = sizes.valueBytes / 80
    expect([text, plain].map((one) => new TextEncoder().encode(one).length)).toContain(each)
    expect(sizes).toMatchObject({ collection: 'projects', copies: [40, 40], records: 80, idBytes: 240 })
    expect(sizes.wireBytes).toBeGreaterThan(sizes.valueBytes)
    expect([sampled, share, problems]).toEqual([false, 1, []])
    expect([at.reads(), at.writes()]).toEqual([2, 0])
  })

  it('that is empty, or not there, is nothing', async () => {
    const at = await setting(['{}', '{}'])
    const { sizes, sampled } = await measure(at.collection, at.clock, BUDGET_MS)
    expect(sizes).toMatchObject({ copies: [0, 0], records: 0, valueBytes: 0 })
    expect(sampled).toBe(false)
  })

  it('of which time allows a part only is reckoned from that part', async () => {
    const texts = Array.from({ length: 40 }, (_, number) => documentOf(100 + 20 * number, 120 + 20 * number))
    const at = await setting(texts, 1_000)
    const { sizes, sampled, share } = await measure(at.collection, at.clock, BUDGET_MS)
    expect(at.reads()).toBeLessThan(20)
    expect(sampled).toBe(true)
    expect(share).toBeGreaterThan(0)
    expect(share).toBeLessThan(0.5)
    expect(sizes.copies).toEqual(texts.map(() => 20))
    expect(sizes.records).toBe(800)
  })
})

describe('what would not be moved', () => {
  it('is named: documents that cannot be read faithfully, with their fault', async () => {
    const at = await setting([documentOf(10, 30), '{"a": {"n": 9007199254740993}}', 'no JSON'])
    const { problems, sampled, sizes } = await measure(at.collection, at.clock, BUDGET_MS)
    expect(problems.map(({ kind, what }) => [kind, what])).toEqual([
      ['not-moved', expect.stringContaining('projects-1.json')],
      ['not-moved', expect.stringContaining('projects-2.json')],
    ])
    for (const { reason } of problems) expect(reason).toContain('cannot be read')
    expect(sampled).toBe(true)
    expect(sizes.copies).toEqual([20, 20, 20])
  })

  it('is named: records that the target would refuse', async () => {
    const at = await setting([JSON.stringify({ small: { n: 1 }, large: { text: 'x'.repeat(10 * 1024 * 1024) } })])
    const { problems } = await measure(at.collection, at.clock, BUDGET_MS)
    expect(problems).toEqual([
      { kind: 'not-moved', collection: 'projects', what: 'record "large"', reason: expect.stringMatching(/bytes/) },
    ])
  })
})

it('a source that does not answer is no empty one', async () => {
  const at = await setting(['{}'])
  const [source] = at.collection.source.partitions
  if (source === undefined) throw new Error('there is a partition')
  source.page = async () => {
    throw Object.assign(new Error('down'), { code: 'unavailable' })
  }
  await expect(measure(at.collection, at.clock, BUDGET_MS)).rejects.toThrow('down')
})
