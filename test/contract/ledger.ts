import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compareIds } from '../../lib/core/id.js'
import type { Json } from '../../lib/core/json.js'
import type { Change, Ledger } from '../../lib/ports/ledger.js'

/** A fresh, empty ledger and what a test may do to it. */
export interface LedgerUnderTest {
  ledger: Ledger
  /** A second handle on the same ledger, as another process would have. */
  another?: () => Ledger
  /** Makes every later call fail until it is called with `false`. */
  outage?: (on: boolean) => void | Promise<void>
  /** Makes the next commit take effect and its answer get lost. */
  loseNextAnswer?: () => void | Promise<void>
  /** Everything that the ledger still occupies in its store. */
  leftovers?: () => Promise<string[]>
  close?: () => void | Promise<void>
}

/** The promises of `lib/ports/ledger.ts`, clause by clause, for any driver. */
export function describeLedger(name: string, makeLedger: () => Promise<LedgerUnderTest>): void {
  describe(`${name} keeps the promises of a ledger`, () => {
    let under: LedgerUnderTest
    let ledger: Ledger

    beforeEach(async () => {
      under = await makeLedger()
      ledger = under.ledger
    })
    afterEach(() => under.close?.())

    documents(() => ledger)
    refusals(() => ledger)
    competition(() => under)
    streams(() => ledger)
    listing(() => ledger)
    contents(() => ledger)
    limits(() => ledger)
    looks(() => ledger)
    failure(() => under)
    ending(() => under)
  })
}

type Given<T> = () => T

function looks(ledger: Given<Ledger>): void {
  it('answers a look as it answers each of its questions', async () => {
    const at = ledger()
    const change = (key: string, value: Json) => ({ key, ifRevision: null, value })
    const documents = ['a', 'b', 'c'].map((id) => change(`run/${id}`, { id }))
    await at.commit([...documents, change('one', 'ä'), change('runner', 1)], [{ stream: 'audit', value: { n: 1 } }])
    await at.commit([], [{ stream: 'audit', value: { n: 2 } }])
    const answers = await at.look?.([
      { kind: 'read', key: 'one' },
      { kind: 'read', key: 'none' },
      { kind: 'list', prefix: 'run/', after: null, limit: 2 },
      { kind: 'list', prefix: 'run/', after: 'run/b', limit: 2 },
      { kind: 'list', prefix: 'none/', after: null, limit: 2 },
      { kind: 'newest', stream: 'audit' },
      { kind: 'newest', stream: 'silent' },
    ])
    const newest = { before: null, newestFirst: true, limit: 1 } as const
    expect(answers).toEqual([
      { kind: 'read', held: await at.read('one') },
      { kind: 'read', held: null },
      { kind: 'list', page: await at.list('run/', null, 2) },
      { kind: 'list', page: await at.list('run/', 'run/b', 2) },
      { kind: 'list', page: { items: [], end: true } },
      { kind: 'newest', page: await at.entries('audit', newest) },
      { kind: 'newest', page: { items: [], end: true } },
    ])
    expect(await at.look?.([])).toEqual([])
    await expect(at.look?.(Array.from({ length: 201 }, () => ({ kind: 'read', key: 'one' })))).rejects.toMatchObject({
      code: 'too-large',
    })
  })

  it('leaves out of a look what is too much, and no other', async () => {
    const at = ledger()
    for (let n = 0; n < 5; n++) await at.commit([{ key: `large/${n}`, ifRevision: null, value: 'x'.repeat(900_000) }])
    await at.commit([{ key: 'one', ifRevision: null, value: 1 }])
    const asked = [
      { kind: 'list', prefix: 'large/', after: null, limit: 9 } as const,
      { kind: 'read', key: 'one' } as const,
    ]
    const [large, one] = (await at.look?.(asked)) ?? []
    if (large !== null) expect(large).toMatchObject({ page: { end: true, items: { length: 5 } } })
    expect(one).toEqual({ kind: 'read', held: await at.read('one') })
  })
}

function documents(ledger: Given<Ledger>): void {
  it('answers null for a document that was never written', async () => {
    expect(await ledger().read('run/1')).toBeNull()
  })

  it('creates a document once', async () => {
    const revision = await written(ledger(), 'run/1', null, { n: 1 })
    expect(await ledger().read('run/1')).toEqual({ revision, value: { n: 1 } })
    expect(await ledger().commit([change('run/1', null, { n: 2 })])).toEqual({ kind: 'conflict', key: 'run/1' })
    expect(await ledger().read('run/1')).toEqual({ revision, value: { n: 1 } })
  })

  it('gives every write of a document a higher revision', async () => {
    let revision: number | null = null
    for (let n = 0; n < 5; n++) {
      const next = await written(ledger(), 'run/1', revision, n)
      expect(next).toBeGreaterThan(revision ?? 0)
      expect(await ledger().read('run/1')).toEqual({ revision: next, value: n })
      revision = next
    }
  })

  it('deletes a document, and knows null from absent', async () => {
    const revision = await written(ledger(), 'run/1', null, null)
    expect(await ledger().read('run/1')).toEqual({ revision, value: null })
    expect(await ledger().commit([change('run/1', revision, undefined)])).toMatchObject({ kind: 'committed' })
    expect(await ledger().read('run/1')).toBeNull()
    expect(await ledger().list('', null, 10)).toEqual({ items: [], end: true })
  })

  it('never uses a revision again, also after a deletion', async () => {
    const seen: number[] = []
    for (let life = 0; life < 4; life++) {
      const revision = await written(ledger(), 'run/1', null, life)
      expect(revision).toBeGreaterThan(Math.max(0, ...seen))
      for (const past of seen) {
        expect(await ledger().commit([change('run/1', past, 'late')])).toEqual({ kind: 'conflict', key: 'run/1' })
      }
      seen.push(revision)
      await ledger().commit([change('run/1', revision, undefined)])
    }
  })

  it('commits several changes as one, with a revision for each in order', async () => {
    const a = await written(ledger(), 'a', null, 1)
    const answer = await ledger().commit([change('a', a, 2), change('b', null, 'new'), change('c', null, undefined)])
    if (answer.kind !== 'committed') throw new Error('the commit was refused')
    expect(answer.revisions).toHaveLength(3)
    expect(await ledger().read('a')).toEqual({ revision: answer.revisions[0], value: 2 })
    expect(await ledger().read('b')).toEqual({ revision: answer.revisions[1], value: 'new' })
    expect(await ledger().read('c')).toBeNull()
  })
}

function refusals(ledger: Given<Ledger>): void {
  it('refuses a commit with one stale change, and nothing of it happens', async () => {
    const a = await written(ledger(), 'a', null, 'a1')
    const first = await written(ledger(), 'b', null, 'b1')
    const second = await written(ledger(), 'b', first, 'b2')
    const changes = [change('a', a, 'a2'), change('new', null, 1), change('b', first, 'b3')]
    const answer = await ledger().commit(changes, [{ stream: 'audit', value: 'never' }])
    expect(answer).toEqual({ kind: 'conflict', key: 'b' })
    expect(await ledger().read('a')).toEqual({ revision: a, value: 'a1' })
    expect(await ledger().read('new')).toBeNull()
    expect(await ledger().read('b')).toEqual({ revision: second, value: 'b2' })
    expect(await ledger().entries('audit', { limit: 10 })).toEqual({ items: [], end: true })
    expect((await ledger().list('', null, 10)).items.map(({ key }) => key)).toEqual(['a', 'b'])
  })

  it('names the first stale change', async () => {
    const changes = [change('a', null, 1), change('b', 7, 1), change('c', 7, 1)]
    expect(await ledger().commit(changes)).toEqual({ kind: 'conflict', key: 'b' })
  })

  it('refuses to change or delete what is absent', async () => {
    expect(await ledger().commit([change('a', 1, 'x')])).toEqual({ kind: 'conflict', key: 'a' })
    expect(await ledger().commit([change('a', 1, undefined)])).toEqual({ kind: 'conflict', key: 'a' })
    expect(await ledger().read('a')).toBeNull()
  })
}

function competition(under: Given<LedgerUnderTest>): void {
  it('lets one of several concurrent commits from one revision succeed', async () => {
    const { ledger, another } = under()
    const ledgers = [ledger, another?.() ?? ledger]
    let revision: number | null = null
    for (let round = 0; round < 5; round++) {
      const value = await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          (ledgers[at % 2] ?? ledger).commit([change('lease', revision, at)], [{ stream: 'winners', value: at }]),
        ),
      )
      expect(value.filter(({ kind }) => kind === 'committed')).toHaveLength(1)
      const held = await ledger.read('lease')
      expect(value[Number(held?.value)]).toEqual({ kind: 'committed', revisions: [held?.revision] })
      revision = held?.revision ?? null
    }
    expect((await ledger.entries('winners', { limit: 100 })).items).toHaveLength(5)
  })

  it('loses none of 20 concurrent increments', async () => {
    const { ledger, another } = under()
    await written(ledger, 'count', null, 0)
    const ledgers = [ledger, another?.() ?? ledger]
    const revisions = await Promise.all(Array.from({ length: 20 }, (_, at) => increment(ledgers[at % 2] ?? ledger)))
    expect(new Set(revisions).size).toBe(20)
    expect(await ledger.read('count')).toEqual({ revision: Math.max(...revisions), value: 20 })
    const counts = (await ledger.entries('counts', { limit: 100 })).items.map(({ value }) => value)
    expect(counts).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
  })

  it('shows a commit to every other handle at once', async () => {
    const { ledger, another } = under()
    const other = another?.() ?? ledger
    let revision: number | null = null
    for (let n = 0; n < 10; n++) {
      revision = await written(n % 2 === 0 ? ledger : other, 'run/1', revision, n)
      expect(await (n % 2 === 0 ? other : ledger).read('run/1')).toEqual({ revision, value: n })
    }
  })
}

function streams(ledger: Given<Ledger>): void {
  it('keeps entries in order, each under its own position', async () => {
    await ledger().commit([], [entry('audit', 1), entry('other', 'x'), entry('audit', 2)])
    await ledger().commit([change('a', null, 1)], [entry('audit', 3)])
    const { items, end } = await ledger().entries('audit', { limit: 10 })
    expect(items.map(({ value }) => value)).toEqual([1, 2, 3])
    expect(new Set(items.map(({ position }) => position)).size).toBe(3)
    expect(end).toBe(true)
    expect((await ledger().entries('other', { limit: 10 })).items).toHaveLength(1)
    expect(await ledger().entries('silent', { limit: 10 })).toEqual({ items: [], end: true })
  })

  it('pages through a stream oldest first', async () => {
    await fill(ledger(), 'audit', 25)
    const pages: Json[][] = []
    let after: string | null = null
    for (let page = 0; page < 10; page++) {
      const { items, end } = await ledger().entries('audit', { after, limit: 10 })
      pages.push(items.map(({ value }) => value))
      after = items.at(-1)?.position ?? after
      if (end) break
    }
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5])
    expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, at) => at))
    expect(await ledger().entries('audit', { after, limit: 10 })).toEqual({ items: [], end: true })
  })

  it('pages through a stream newest first, undisturbed by new entries', async () => {
    await fill(ledger(), 'audit', 20)
    const seen: Json[] = []
    let before: string | null = null
    for (let page = 0; page < 10; page++) {
      const { items, end } = await ledger().entries('audit', { before, newestFirst: true, limit: 10 })
      seen.push(...items.map(({ value }) => value))
      before = items.at(-1)?.position ?? before
      await ledger().commit([], [entry('audit', `new ${page}`)])
      if (end) break
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => 19 - at))
  })

  it('says at the exact end of a stream that it is the end', async () => {
    await fill(ledger(), 'audit', 10)
    expect(await ledger().entries('audit', { limit: 10 })).toMatchObject({ end: true })
    expect(await ledger().entries('audit', { limit: 9 })).toMatchObject({ end: false })
    expect(await ledger().entries('audit', { newestFirst: true, limit: 10 })).toMatchObject({ end: true })
    expect(await ledger().entries('audit', { newestFirst: true, limit: 9 })).toMatchObject({ end: false })
  })

  it('may drop the oldest entries beyond `keep`, never the newest, and positions only grow', async () => {
    const positions: string[] = []
    for (let n = 0; n < 12; n++) {
      await ledger().commit([], [{ stream: 'events', value: n, keep: 5 }])
      const { items } = await ledger().entries('events', { newestFirst: true, limit: 500 })
      expect(items.length).toBeGreaterThanOrEqual(Math.min(n + 1, 5))
      expect(items.length).toBeLessThanOrEqual(5)
      expect(items[0]?.value).toBe(n)
      positions.push(items[0]?.position ?? '')
    }
    expect(new Set(positions).size).toBe(12)
    const rest = await ledger().entries('events', { after: positions[8] ?? null, limit: 10 })
    expect(rest.items.map(({ position }) => position)).toEqual(positions.slice(9))
  })
}

function listing(ledger: Given<Ledger>): void {
  it('tells the position of the latest commit, which only grows, also by commits without entries', async () => {
    const first = await ledger().head()
    await ledger().commit([], [entry('audit', 1), entry('other', 1)])
    const head = await ledger().head()
    await ledger().commit([change('a', null, 1)], [])
    expect(await ledger().head()).not.toBe(head)
    await ledger().commit([], [entry('audit', 2)])
    const upTo = async (stream: string, after: string) =>
      (await ledger().entries(stream, { after, limit: 10 })).items.map(({ value }) => value)
    expect([await upTo('audit', first), await upTo('other', first)]).toEqual([[1, 2], [1]])
    expect([await upTo('audit', head), await upTo('other', head)]).toEqual([[2], []])
    expect(await upTo('audit', await ledger().head())).toEqual([])
  })

  it('trims a stream up to a position, and no other', async () => {
    for (let n = 0; n < 5; n++) await ledger().commit([], [entry('old', n), entry('other', n)])
    const { items } = await ledger().entries('old', { after: null, limit: 10 })
    await ledger().trim('old', items[2]?.position ?? '')
    const left = async (stream: string) =>
      (await ledger().entries(stream, { after: null, limit: 10 })).items.map(({ value }) => value)
    expect([await left('old'), await left('other')]).toEqual([
      [3, 4],
      [0, 1, 2, 3, 4],
    ])
    await ledger().trim('old', items[2]?.position ?? '')
    await ledger().trim('none', items[2]?.position ?? '')
    await expect(ledger().trim('old', 'nonsense')).rejects.toMatchObject({ code: 'invalid-input' })
    await ledger().trim('old', await ledger().head())
    expect(await left('old')).toEqual([])
    await ledger().commit([], [entry('old', 'new')])
    expect(await left('old')).toEqual(['new'])
  })

  it('lists by prefix in key order, with a cursor that may name what is gone', async () => {
    const keys = ['a', 'run/1', 'run/10', 'run/2', 'run/Z', 'run/a', 'run/ä', 'run/\uffee', 'run/😀', 'run-2/1', 'runs']
    const revisions = await writeAll(ledger(), keys)
    const inOrder = keys.filter((key) => key.startsWith('run/')).sort(compareIds)
    const all = await ledger().list('run/', null, 200)
    expect(all.items.map(({ key }) => key)).toEqual(inOrder)
    expect(all.items).toEqual(inOrder.map((key) => ({ key, revision: revisions.get(key), value: `value of ${key}` })))
    expect(all.end).toBe(true)

    const first = await ledger().list('run/', null, 3)
    expect(first.items.map(({ key }) => key)).toEqual(inOrder.slice(0, 3))
    expect(first.end).toBe(false)
    const cursor = inOrder[2] ?? ''
    await ledger().commit([change(cursor, revisions.get(cursor) ?? null, undefined)])
    const second = await ledger().list('run/', cursor, 200)
    expect(second.items.map(({ key }) => key)).toEqual(inOrder.slice(3))
    expect(second.end).toBe(true)
  })

  it('says at the exact end of a list that it is the end', async () => {
    await writeAll(ledger(), ['p/1', 'p/2', 'p/3', 'q/1'])
    expect(await ledger().list('p/', null, 3)).toMatchObject({ end: true })
    expect(await ledger().list('p/', null, 2)).toMatchObject({ end: false })
    expect(await ledger().list('p/', 'p/3', 2)).toEqual({ items: [], end: true })
  })

  it('takes a cursor outside the prefix, and an empty prefix', async () => {
    const keys = ['a', 'p', 'p/1', 'p/2', 'q']
    await writeAll(ledger(), keys)
    const keysOf = async (prefix: string, after: string | null) =>
      (await ledger().list(prefix, after, 10)).items.map(({ key }) => key)
    expect(await keysOf('p/', 'a')).toEqual(['p/1', 'p/2'])
    expect(await keysOf('p/', 'q')).toEqual([])
    expect(await keysOf('p', 'p')).toEqual(['p/1', 'p/2'])
    expect(await keysOf('', null)).toEqual(keys)
    expect(await keysOf('', 'p/1')).toEqual(['p/2', 'q'])
    expect(await keysOf('nothing', null)).toEqual([])
  })
}

function contents(ledger: Given<Ledger>): void {
  it('gives back every key and value exactly', async () => {
    const values: Json[] = [
      null,
      true,
      0,
      -1.5e300,
      2 ** 53,
      '',
      '42',
      'null',
      '\ufeffmark first',
      'Grüße, 世界, 👩‍👩‍👧, e\u0301',
      '\u0000\r\n\t\u2028',
      'lone \ud800 surrogate',
      [],
      {},
      { 'a\n"b"': [{ nested: [null, ['deep']] }], '': 1 },
    ]
    const keys = ['k', 'k/%s*?[x]\\', 'k/\ufeff', 'k/👩‍👩‍👧 e\u0301', 'k/a/b//c', 'k/"{}"', 'k/ü:x']
    for (const [at, value] of values.entries()) {
      const key = keys[at % keys.length] ?? 'k'
      const held = await ledger().read(key)
      const revision = await written(ledger(), key, held?.revision ?? null, value, [entry('all/\ufeff ü', value)])
      expect(await ledger().read(key)).toEqual({ revision, value })
    }
    expect((await ledger().entries('all/\ufeff ü', { limit: 500 })).items.map(({ value }) => value)).toEqual(values)
    expect((await ledger().list('', null, 200)).items.map(({ key }) => key)).toEqual(keys.sort(compareIds))
  })

  it('shares no object with its callers', async () => {
    const value = { list: [1] }
    const revision = await written(ledger(), 'a', null, value, [entry('s', value)])
    value.list.push(2)
    const read = await ledger().read('a')
    if (read !== null) read.value = 'spoilt'
    expect(await ledger().read('a')).toEqual({ revision, value: { list: [1] } })
    expect((await ledger().entries('s', { limit: 1 })).items[0]?.value).toEqual({ list: [1] })
  })

  it('holds values near 1 MB, and says when a page of them is not the end', async () => {
    const big = (n: number) => ({ n, text: 'é'.repeat(500_000) })
    const count = 12
    for (let n = 0; n < count; n++) await written(ledger(), `big/${100 + n}`, null, big(n), [entry('big', big(n))])
    expect((await ledger().read('big/103'))?.value).toEqual(big(3))
    const listed: Json[] = []
    let after: string | null = null
    for (let page = 0; page < 10; page++) {
      const { items, end } = await ledger().list('big/', after, 200)
      listed.push(...items.map(({ value }) => value))
      after = items.at(-1)?.key ?? after
      if (end) break
    }
    expect(listed).toEqual(Array.from({ length: count }, (_, at) => big(at)))
    const logged: Json[] = []
    let before: string | null = null
    for (let page = 0; page < 10; page++) {
      const { items, end } = await ledger().entries('big', { before, newestFirst: true, limit: 500 })
      logged.push(...items.map(({ value }) => value))
      before = items.at(-1)?.position ?? before
      if (end) break
    }
    expect(logged).toEqual(listed.toReversed())
  })
}

function limits(ledger: Given<Ledger>): void {
  it('refuses what it could not keep, and nothing of it happens', async () => {
    const refused = expect.objectContaining({ code: 'invalid-input' })
    for (const key of ['', 'a\nb', 'a/\u0000', 'lone\ud800', '/a', 'Run/1', 'a b/c', 'x'.repeat(1025)]) {
      await expect(ledger().read(key), key).rejects.toEqual(refused)
      await expect(ledger().commit([change('fine', null, 1), change(key, null, 1)]), key).rejects.toEqual(refused)
      await expect(ledger().commit([change('fine', null, 1)], [entry(key, 1)]), key).rejects.toEqual(refused)
      await expect(ledger().entries(key, { limit: 1 }), key).rejects.toEqual(refused)
    }
    await expect(ledger().commit([change('a', null, 1), change('a', null, 2)])).rejects.toEqual(refused)
    await expect(ledger().commit([], [{ stream: 's', value: 1, keep: 0 }])).rejects.toEqual(refused)
    await expect(ledger().entries('s', { after: 'somewhere', limit: 1 })).rejects.toEqual(refused)
    for (const limit of [0, -1, 1.5, 201]) await expect(ledger().list('', null, limit)).rejects.toEqual(refused)
    for (const limit of [0, -1, 1.5, 501]) await expect(ledger().entries('s', { limit })).rejects.toEqual(refused)
    const many = Array.from({ length: 201 }, (_, at) => change(`many/${at}`, null, at))
    await expect(ledger().commit(many)).rejects.toMatchObject({ code: 'too-large' })
    expect(await ledger().list('', null, 10)).toEqual({ items: [], end: true })
  })

  it('takes the largest commit and the largest pages', async () => {
    const changes = Array.from({ length: 200 }, (_, at) => change(`many/${at}`, null, at))
    const entries = Array.from({ length: 200 }, (_, at) => entry('many', at))
    expect(await ledger().commit(changes, entries)).toMatchObject({ kind: 'committed' })
    expect((await ledger().list('many/', null, 200)).items).toHaveLength(200)
    const { items } = await ledger().entries('many', { limit: 500 })
    expect(items.map(({ value }) => value)).toEqual(Array.from({ length: 200 }, (_, at) => at))
  })
}

function failure(under: Given<LedgerUnderTest>): void {
  it("throws 'unavailable' from every verb while it cannot answer, and never says absent", async (context) => {
    const { ledger, outage } = under()
    if (outage === undefined) return context.skip('this driver cannot have an outage')
    const revision = await written(ledger, 'a', null, 1)
    await outage(true)
    const unavailable = expect.objectContaining({ code: 'unavailable' })
    await expect(ledger.read('a')).rejects.toEqual(unavailable)
    await expect(ledger.read('never')).rejects.toEqual(unavailable)
    await expect(ledger.commit([change('a', revision, 2)])).rejects.toEqual(unavailable)
    await expect(ledger.list('', null, 10)).rejects.toEqual(unavailable)
    await expect(ledger.entries('s', { limit: 10 })).rejects.toEqual(unavailable)
    await expect(ledger.destroy()).rejects.toEqual(unavailable)
    await outage(false)
    expect(await ledger.read('a')).toEqual({ revision, value: 1 })
  })

  it("throws 'unavailable', never 'conflict', when the answer to a commit is lost, and commits once", async (context) => {
    const { ledger, loseNextAnswer } = under()
    if (loseNextAnswer === undefined) return context.skip('this driver has no answers to lose')
    const revision = await written(ledger, 'a', null, 1)
    await loseNextAnswer()
    const lost = ledger.commit([change('a', revision, 2)], [entry('s', 2)])
    await expect(lost).rejects.toMatchObject({ code: 'unavailable' })
    expect(await ledger.read('a')).toMatchObject({ value: 2 })
    expect((await ledger.entries('s', { limit: 10 })).items).toHaveLength(1)
  })
}

function ending(under: Given<LedgerUnderTest>): void {
  it('leaves nothing after destroy, and can be destroyed again', async () => {
    const { ledger, leftovers } = under()
    await writeAll(
      ledger,
      Array.from({ length: 150 }, (_, at) => `run/${at}`),
    )
    await fill(ledger, 'audit', 20)
    await ledger.commit([change('x/1', null, 1)], [{ stream: 'events', value: 1, keep: 5 }])
    await ledger.destroy()
    expect(await ledger.read('run/1')).toBeNull()
    expect(await ledger.list('', null, 10)).toEqual({ items: [], end: true })
    expect(await ledger.entries('audit', { limit: 10 })).toEqual({ items: [], end: true })
    expect(await leftovers?.()).toEqual(leftovers === undefined ? undefined : [])
    await ledger.destroy()
    await written(ledger, 'run/1', null, 'anew', [entry('audit', 'anew')])
    expect(await ledger.read('run/1')).toMatchObject({ value: 'anew' })
  })
}

function change(key: string, ifRevision: number | null, value: Json | undefined): Change {
  return { key, ifRevision, value }
}

function entry(stream: string, value: Json): { stream: string; value: Json } {
  return { stream, value }
}

async function written(
  ledger: Ledger,
  key: string,
  ifRevision: number | null,
  value: Json,
  entries: { stream: string; value: Json }[] = [],
): Promise<number> {
  const answer = await ledger.commit([change(key, ifRevision, value)], entries)
  const revision = answer.kind === 'committed' ? answer.revisions[0] : undefined
  if (revision === undefined) throw new Error(`the commit of ${key} was refused`)
  return revision
}

async function writeAll(ledger: Ledger, keys: readonly string[]): Promise<Map<string, number>> {
  const revisions = new Map<string, number>()
  const shuffled = keys.toSorted((a, b) => a.length - b.length || compareIds(b, a))
  for (const key of shuffled) revisions.set(key, await written(ledger, key, null, `value of ${key}`))
  return revisions
}

/** Entries 0, 1, 2, ... of a stream, several in some of the commits. */
async function fill(ledger: Ledger, stream: string, count: number): Promise<void> {
  for (let n = 0; n < count; ) {
    const size = Math.min(1 + (n % 3), count - n)
    await ledger.commit(
      [],
      Array.from({ length: size }, (_, at) => entry(stream, n + at)),
    )
    n += size
  }
}

const INCREMENT_TRIES_MAX = 500

async function increment(ledger: Ledger): Promise<number> {
  for (let attempt = 0; attempt < INCREMENT_TRIES_MAX; attempt++) {
    const held = await ledger.read('count')
    if (held === null) throw new Error('the counter has gone')
    const value = Number(held.value) + 1
    const answer = await ledger.commit([change('count', held.revision, value)], [entry('counts', value)])
    if (answer.kind === 'committed' && answer.revisions[0] !== undefined) return answer.revisions[0]
  }
  throw new Error('too many conflicts')
}
