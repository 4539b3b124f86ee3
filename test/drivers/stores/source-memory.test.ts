import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import type { DocumentStore } from '../../../lib/ports/document.js'
import { describeSource } from '../../contract/source.js'
import { fenceAt, realClock } from '../../contract/stores.js'

for (const shape of ['map', 'array'] as const) {
  describeSource(`A source in an ${shape} in memory`, async () => {
    const faulty = faultyDocuments()
    const open = () => documentSource({ ...faulty, name: 'items.json', collection: 'items', clock: realClock, shape })
    return { source: open(), another: open, outage: faulty.outage, loseNextAnswer: faulty.loseNextAnswer }
  })
}

describe('reads of a source that are under way together', () => {
  const write = (n: number, base: number) => ({ id: 'a', base, op: `op${n}`, named: false, value: { id: 'a', n } })

  it('never give a read that begins after a write what was fetched before it', async () => {
    const store = memoryDocuments()
    let fetches = 0
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow: DocumentStore = {
      ...store,
      async get(name, knownEtag) {
        fetches += 1
        const answer = await store.get(name, knownEtag)
        if (fetches === 1) await released
        return answer
      },
    }
    const fixed = { name: 'items.json', collection: 'items', clock: realClock }
    const writer = documentSource({ ...fixed, documents: store })
    const reader = documentSource({ ...fixed, documents: slow })
    const early = reader.get('a')
    await writer.cas(fenceAt(0), write(1, 0))
    const late = [reader.get('a'), reader.page(null, 9), reader.get('a')] as const
    await writer.cas(fenceAt(0), write(2, 1))
    release()
    expect((await early).copy).toBeNull()
    const [get, page, again] = await Promise.all(late)
    for (const copy of [get.copy, page.items[0]?.copy, again.copy]) expect(copy?.version).toBeGreaterThanOrEqual(1)
    expect(fetches, 'those that wait share one fetch').toBe(2)
  })

  it('never put back what a write has replaced, when they are answered late', async () => {
    const store = memoryDocuments()
    let release = () => {}
    let holding = false
    const slow: DocumentStore = {
      ...store,
      async get(name, knownEtag) {
        const answer = await store.get(name, knownEtag)
        if (holding) {
          holding = false
          await new Promise<void>((resolve) => {
            release = resolve
          })
        }
        return answer
      },
    }
    const source = documentSource({ name: 'items.json', collection: 'items', clock: realClock, documents: slow })
    await source.cas(fenceAt(0), write(1, 0))
    holding = true
    const early = source.get('a')
    expect(await source.cas(fenceAt(0), write(2, 1))).toMatchObject({ kind: 'ok', version: 2 })
    release()
    expect((await early).copy?.version).toBe(1)
    expect(await source.cas(fenceAt(0), write(3, 2))).toMatchObject({ kind: 'ok', version: 3 })
    expect((await source.get('a')).copy).toMatchObject({ version: 3, value: { n: 3 } })
  })
})

function faultyDocuments() {
  const store = memoryDocuments()
  let out = false
  let losing = false
  const noAnswer = () => new CutoverError('unavailable', 'The documents do not answer.')
  const documents: DocumentStore = {
    ...store,
    async get(name, knownEtag) {
      if (out) throw noAnswer()
      return store.get(name, knownEtag)
    },
    async put(name, text, condition) {
      if (out) throw noAnswer()
      const answer = await store.put(name, text, condition)
      if (!losing) return answer
      losing = false
      throw noAnswer()
    },
  }
  return {
    documents,
    outage: (on: boolean) => {
      out = on
    },
    loseNextAnswer: () => {
      losing = true
    },
  }
}
