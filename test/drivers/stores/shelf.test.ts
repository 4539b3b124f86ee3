import { describe, expect, it } from 'vitest'
import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'
import { openShelf } from '../../../lib/drivers/stores/documents/shelf.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import type { DocumentStore } from '../../../lib/ports/document.js'

describe('the shelf', () => {
  it('lets the document go that was used longest ago, as soon as there is too much text', () => {
    const shelf = openShelf(100, 1)
    const [a, b, c] = [shelf.place<string>(), shelf.place<string>(), shelf.place<string>()]
    a.put('a', 40)
    b.put('b', 40)
    expect(a.get()).toBe('a')
    c.put('c', 40)
    expect([a.get(), b.get(), c.get()]).toEqual(['a', null, 'c'])
  })

  it('counts a document once, with the text it has now', () => {
    const shelf = openShelf(100, 1)
    const [a, b] = [shelf.place<string>(), shelf.place<string>()]
    b.put('b', 30)
    for (let time = 0; time < 10; time++) a.put(`a${time}`, 70)
    expect([a.get(), b.get()]).toEqual(['a9', 'b'])
    a.put('larger', 71)
    expect([a.get(), b.get()]).toEqual(['larger', null])
  })

  it('has room again for what was cleared', () => {
    const shelf = openShelf(100, 1)
    const [a, b, c] = [shelf.place<string>(), shelf.place<string>(), shelf.place<string>()]
    a.put('a', 60)
    b.put('b', 40)
    a.clear()
    a.clear()
    c.put('c', 60)
    expect([a.get(), b.get(), c.get()]).toEqual([null, 'b', 'c'])
  })

  it('keeps the few that are used together, however large they are', () => {
    const shelf = openShelf(100, 2)
    const [a, b, c] = [shelf.place<string>(), shelf.place<string>(), shelf.place<string>()]
    a.put('a', 1_000)
    b.put('b', 1_000)
    expect([a.get(), b.get()]).toEqual(['a', 'b'])
    c.put('c', 1)
    expect([a.get(), b.get(), c.get()]).toEqual([null, 'b', 'c'])
  })
})

describe('sources on one shelf', () => {
  it('answer what is stored, whether their documents are still there or not', async () => {
    const { documents, texts } = counting(memoryDocuments())
    const shelf = openShelf(0, 1)
    const sources = [0, 1, 2].map((number) =>
      documentSource({ documents, name: `d-${number}.json`, collection: 'items', clock: clockAt(0), shelf }),
    )
    for (let round = 0; round < 3; round++) {
      for (const [number, source] of sources.entries()) {
        const { fence } = await source.control()
        const id = `r${round}`
        const write = { id, op: `op${number}`, value: { id, round }, base: 0, named: false }
        expect((await source.cas(fence, write)).kind).toBe('ok')
      }
    }
    for (const source of sources) {
      const { items } = await source.page(null, 10)
      expect(items.map(({ id, copy }) => [id, copy.value])).toEqual(
        [0, 1, 2].map((round) => [`r${round}`, { id: `r${round}`, round }]),
      )
    }
    expect(texts.read).toBeGreaterThan(6)
  })

  it('read a document that stays only once', async () => {
    const { documents, texts } = counting(memoryDocuments())
    const source = documentSource({
      documents,
      name: 'd.json',
      collection: 'items',
      clock: clockAt(0),
      shelf: openShelf(),
    })
    const { fence } = await source.control()
    await source.cas(fence, { id: 'a', op: 'op', value: { id: 'a' }, base: 0, named: false })
    for (let time = 0; time < 5; time++) await source.page(null, 10)
    expect(texts.read).toBe(0)
  })

  it('lose no write to a document that is let go while writes wait', async () => {
    const documents = memoryDocuments()
    const shelf = openShelf(0, 1)
    const [one, other] = [0, 1].map((number) =>
      documentSource({ documents, name: `d-${number}.json`, collection: 'items', clock: clockAt(0), shelf }),
    )
    if (one === undefined || other === undefined) throw new Error('There are two.')
    const { fence } = await one.control()
    const write = (id: string) => one.cas(fence, { id, op: `op-${id}`, value: { id }, base: 0, named: false })
    const ids = Array.from({ length: 30 }, (_, number) => `r${String(number).padStart(2, '0')}`)
    const answers = await Promise.all(
      ids.map(async (id, number) => {
        if (number % 3 === 0) await other.control()
        return write(id)
      }),
    )
    expect(answers.every(({ kind }) => kind === 'ok')).toBe(true)
    expect((await one.page(null, 100)).items.map(({ id }) => id)).toEqual(ids)
  })
})

function clockAt(now: number) {
  return { now: () => now, monotonic: () => now, sleep: async () => {}, random: () => 0.5, id: () => 'id' }
}

/** Counts the reads that had to bring a text. */
function counting(documents: DocumentStore): { documents: DocumentStore; texts: { read: number } } {
  const texts = { read: 0 }
  const get: DocumentStore['get'] = async (name, knownEtag) => {
    const stored = await documents.get(name, knownEtag)
    if (stored !== null && stored !== 'unchanged') texts.read++
    return stored
  }
  return { documents: { ...documents, get }, texts }
}
