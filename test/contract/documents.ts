import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DocumentStore } from '../../lib/ports/document.js'

/** A fresh, empty store and what a test may do to it. */
export interface DocumentStoreUnderTest {
  store: DocumentStore
  /** A second handle on the same documents, as another process would have. */
  another?: () => DocumentStore
  /** Makes every later call fail until it is called with `false`. */
  outage?: (on: boolean) => void | Promise<void>
  /** Makes the next write take effect and its answer get lost. */
  loseNextAnswer?: () => void | Promise<void>
  close?: () => void | Promise<void>
}

/** The promises of `lib/ports/document.ts`, clause by clause, for any driver. */
export function describeDocumentStore(name: string, makeStore: () => Promise<DocumentStoreUnderTest>): void {
  describe(`${name} keeps the promises of a document store`, () => {
    let under: DocumentStoreUnderTest
    let store: DocumentStore

    beforeEach(async () => {
      under = await makeStore()
      store = under.store
    })
    afterEach(() => under.close?.())

    reading(() => store)
    writing(() => store)
    competing(() => under)
    removing(() => store)
    naming(() => store)
    failing(() => under)
  })
}

type Given<T> = () => T

function reading(store: Given<DocumentStore>): void {
  it('answers null for a document that was never put', async () => {
    expect(await store().get('projects.json')).toBeNull()
    expect(await store().get('projects.json', 'any-etag')).toBeNull()
    expect(await store().get('folder/projects.json')).toBeNull()
  })

  it("answers 'unchanged' for the current ETag only", async () => {
    const first = await stored(store(), 'a.json', 'one', null)
    expect(await store().get('a.json', first)).toBe('unchanged')
    const second = await stored(store(), 'a.json', 'two', first)
    expect(await store().get('a.json', first)).toEqual({ etag: second, text: 'two' })
    expect(await store().get('a.json', second)).toBe('unchanged')
  })

  it('answers every text exactly as it was put', async () => {
    const texts = [
      '\uFEFFmark first',
      'Grüße, 世界, 👩‍👩‍👧, e\u0301',
      '\u0000\r\n\t',
      '{"a":"\u2028"}',
      'x'.repeat(300_000),
    ]
    let etag: string | null = null
    for (const text of texts) {
      etag = await stored(store(), 'text.json', text, etag)
      expect(await store().get('text.json')).toEqual({ etag, text })
    }
  })
}

function writing(store: Given<DocumentStore>): void {
  it('creates a document once', async () => {
    const etag = await stored(store(), 'a.json', 'one', null)
    expect(await store().put('a.json', 'two', { ifMatch: null })).toEqual({ kind: 'conflict' })
    expect(await store().get('a.json')).toEqual({ etag, text: 'one' })
  })

  it('refuses a stale put and changes nothing', async () => {
    const first = await stored(store(), 'a.json', 'one', null)
    const second = await stored(store(), 'a.json', 'two', first)
    expect(second).not.toBe(first)
    expect(await store().put('a.json', 'three', { ifMatch: first })).toEqual({ kind: 'conflict' })
    expect(await store().get('a.json')).toEqual({ etag: second, text: 'two' })
  })

  it('refuses to replace what is absent', async () => {
    expect(await store().put('a.json', 'one', { ifMatch: '1' })).toEqual({ kind: 'conflict' })
    expect(await store().get('a.json')).toBeNull()
  })

  it('refuses a text that it could not give back', async () => {
    for (const text of ['', 'lone \uD800 surrogate']) {
      await expect(store().put('a.json', text, { ifMatch: null })).rejects.toMatchObject({ code: 'invalid-input' })
    }
    expect(await store().get('a.json')).toBeNull()
  })
}

function competing(under: Given<DocumentStoreUnderTest>): void {
  it('lets one of two concurrent creates win', async () => {
    for (let round = 0; round < 10; round += 1) {
      const other = under().another?.() ?? under().store
      const name = `created-${round}.json`
      const outcomes = await Promise.all([
        under().store.put(name, 'ours', { ifMatch: null }),
        other.put(name, 'theirs', { ifMatch: null }),
      ])
      expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['conflict', 'stored'])
      const winner = outcomes[0].kind === 'stored' ? 'ours' : 'theirs'
      expect(await other.get(name)).toMatchObject({ text: winner })
    }
  })

  it('loses none of 20 concurrent increments', async () => {
    const { store, another } = under()
    await stored(store, 'count.json', '0', null)
    const stores = [store, another?.() ?? store]
    const etags = await Promise.all(Array.from({ length: 20 }, (_, i) => increment(stores[i % 2] ?? store)))
    expect(new Set(etags).size).toBe(20)
    expect(await store.get('count.json')).toMatchObject({ text: '20' })
  })

  it('shows a put to every other handle at once', async () => {
    const { store, another } = under()
    const other = another?.() ?? store
    let etag: string | null = null
    for (let i = 0; i < 10; i += 1) {
      etag = await stored(i % 2 === 0 ? store : other, 'a.json', `text ${i}`, etag)
      expect(await (i % 2 === 0 ? other : store).get('a.json')).toEqual({ etag, text: `text ${i}` })
    }
  })
}

function removing(store: Given<DocumentStore>): void {
  it('removes only what it was shown', async () => {
    const first = await stored(store(), 'a.json', 'one', null)
    const second = await stored(store(), 'a.json', 'two', first)
    expect(await store().remove('a.json', { ifMatch: first })).toEqual({ kind: 'conflict' })
    expect(await store().get('a.json')).toEqual({ etag: second, text: 'two' })
    expect(await store().remove('a.json', { ifMatch: second })).toEqual({ kind: 'removed' })
    expect(await store().get('a.json')).toBeNull()
    expect(await store().get('a.json', second)).toBeNull()
  })

  it('answers conflict when there is nothing to remove', async () => {
    expect(await store().remove('a.json', { ifMatch: '1' })).toEqual({ kind: 'conflict' })
    const etag = await stored(store(), 'a.json', 'one', null)
    await store().remove('a.json', { ifMatch: etag })
    expect(await store().remove('a.json', { ifMatch: etag })).toEqual({ kind: 'conflict' })
  })

  it('gives a document that is created again an ETag that it never had', async () => {
    const seen = new Set<string>()
    for (let i = 0; i < 3; i += 1) {
      const etag = await stored(store(), 'a.json', `life ${i}`, null)
      expect(seen.has(etag)).toBe(false)
      seen.add(etag)
      await store().remove('a.json', { ifMatch: etag })
      expect(await store().put('a.json', 'from the past', { ifMatch: etag })).toEqual({ kind: 'conflict' })
    }
  })
}

function naming(store: Given<DocumentStore>): void {
  it('lists names by prefix, in order, without what was removed', async () => {
    const names = ['b.json', 'a.json', 'A.json', 'records/2.json', 'records/1.json', 'records/deep/x.json', 'b-side']
    for (const name of names) await stored(store(), name, name, null)
    const gone = await stored(store(), 'records/gone.json', 'gone', null)
    await store().remove('records/gone.json', { ifMatch: gone })
    expect(await store().list('')).toEqual([...names].sort())
    expect(await store().list('records/')).toEqual(['records/1.json', 'records/2.json', 'records/deep/x.json'])
    expect(await store().list('records/d')).toEqual(['records/deep/x.json'])
    expect(await store().list('b')).toEqual(['b-side', 'b.json'])
    expect(await store().list('nothing')).toEqual([])
  })

  it('refuses names that are no relative path of plain segments', async () => {
    const names = [
      '',
      '/a',
      'a/',
      'a//b',
      '..',
      '../a',
      'a/../b',
      './a',
      '.hidden',
      'a/.b',
      'a b',
      'ä.json',
      'a\\b',
      'a\n',
    ]
    for (const name of [...names, 'x'.repeat(201)]) {
      const refused = expect.objectContaining({ code: 'invalid-input' })
      await expect(store().get(name), name).rejects.toEqual(refused)
      await expect(store().put(name, 'x', { ifMatch: null }), name).rejects.toEqual(refused)
      await expect(store().remove(name, { ifMatch: '1' }), name).rejects.toEqual(refused)
    }
    for (const prefix of ['/', '../', '.', 'a//']) {
      await expect(store().list(prefix), prefix).rejects.toMatchObject({ code: 'invalid-input' })
    }
    expect(await store().list('')).toEqual([])
  })
}

function failing(under: Given<DocumentStoreUnderTest>): void {
  it("throws 'unavailable' from every verb while it cannot answer, and never says absent", async (context) => {
    const { store, outage } = under()
    if (outage === undefined) return context.skip('this driver cannot have an outage')
    const etag = await stored(store, 'a.json', 'one', null)
    await outage(true)
    const unavailable = expect.objectContaining({ code: 'unavailable' })
    await expect(store.get('a.json')).rejects.toEqual(unavailable)
    await expect(store.get('never.json')).rejects.toEqual(unavailable)
    await expect(store.get('a.json', etag)).rejects.toEqual(unavailable)
    await expect(store.put('a.json', 'two', { ifMatch: etag })).rejects.toEqual(unavailable)
    await expect(store.remove('a.json', { ifMatch: etag })).rejects.toEqual(unavailable)
    await expect(store.list('')).rejects.toEqual(unavailable)
    await outage(false)
    expect(await store.get('a.json')).toEqual({ etag, text: 'one' })
  })

  it("throws 'unavailable', never 'conflict', when the answer to a put is lost", async (context) => {
    const { store, loseNextAnswer } = under()
    if (loseNextAnswer === undefined) return context.skip('this driver has no answers to lose')
    const etag = await stored(store, 'a.json', 'one', null)
    await loseNextAnswer()
    await expect(store.put('a.json', 'two', { ifMatch: etag })).rejects.toMatchObject({ code: 'unavailable' })
    expect(await store.get('a.json')).toMatchObject({ text: 'two' })
    await loseNextAnswer()
    await expect(store.put('b.json', 'new', { ifMatch: null })).rejects.toMatchObject({ code: 'unavailable' })
    expect(await store.get('b.json')).toMatchObject({ text: 'new' })
  })
}

async function stored(store: DocumentStore, name: string, text: string, ifMatch: string | null): Promise<string> {
  const outcome = await store.put(name, text, { ifMatch })
  if (outcome.kind !== 'stored') throw new Error(`put of ${name} was refused`)
  return outcome.etag
}

async function increment(store: DocumentStore): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const document = await store.get('count.json')
    if (document === null || document === 'unchanged') throw new Error('the counter has gone')
    const outcome = await store.put('count.json', String(Number(document.text) + 1), { ifMatch: document.etag })
    if (outcome.kind === 'stored') return outcome.etag
  }
  throw new Error('too many conflicts')
}
