import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { readAudit } from '../../../lib/engine/audit.js'
import { findLetters, type LetterFilter, letterByLetter, type ManyAsked } from '../../../lib/engine/runs/letters.js'
import { begin, drain, fill, go, MOVER, pass, put, type World, world } from './world.js'

/** Two collections in shadow; each has five records that the target refuses, two of them for another reason. */
async function withLetters(): Promise<World> {
  const at = world({ names: ['projects', 'resources'] })
  await fill(at, 8)
  await go(at, 'shadow')
  at.faults.before = (store, call, args) => {
    if (store !== 'target' || call !== 'applyMany') return
    const ids = (args[1] as { id: string }[]).map(({ id }) => id)
    if (ids.some((id) => id < 'r0003')) throw new CutoverError('too-large', 'Over the limit.')
    if (ids.some((id) => id < 'r0005')) throw new CutoverError('internal', 'Not as expected.')
  }
  await pass(at)
  const [, resources] = at.context.collections
  if (resources === undefined) throw new Error('there are two collections')
  const { items } = await findLetters(at.context, {}, null, 100)
  for (const letter of items) {
    const key = `dead-letter/resources/${letter.id}`
    const value = { ...letter, collection: 'resources', runId: 'another', at: letter.at + 60_000 }
    await at.context.ledger.commit([{ key, ifRevision: null, value }])
  }
  at.faults.before = () => undefined
  return at
}

async function all(at: World, filter: LetterFilter, limit = 3): Promise<string[]> {
  const found: string[] = []
  let after: string | null = null
  for (let page = 0; page < 20; page++) {
    const { items, next }: Awaited<ReturnType<typeof findLetters>> = await findLetters(at.context, filter, after, limit)
    found.push(...items.map(({ collection, id }) => `${collection}/${id}`))
    after = next
    if (next === null) break
  }
  return found
}

const asked = (verb: ManyAsked['verb'], more: Partial<ManyAsked> = {}): ManyAsked => {
  return { verb, filter: {}, after: null, limit: 100, dryRun: false, ...more }
}

describe('records that were set aside', () => {
  it('are found across collections, page by page, each once', async () => {
    const at = await withLetters()
    const found = await all(at, {})
    expect(found).toHaveLength(10)
    expect(new Set(found).size).toBe(10)
    expect(found.at(0)).toBe('projects/r0000')
    expect(found.at(-1)).toBe('resources/r0004')
  })

  it('are found by collection, error, run and time', async () => {
    const at = await withLetters()
    expect(await all(at, { collection: 'resources' })).toHaveLength(5)
    expect(await all(at, { code: 'internal' })).toEqual([
      ...['projects/r0003', 'projects/r0004'],
      ...['resources/r0003', 'resources/r0004'],
    ])
    expect(await all(at, { runId: 'another', code: 'too-large' })).toHaveLength(3)
    expect(await all(at, { before: at.clock.now() + 30_000 })).toHaveLength(5)
    await expect(all(at, { collection: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('all of them at once', () => {
  it('a dry run says which, and touches none', async () => {
    const at = await withLetters()
    const done = await letterByLetter(at.context, asked('drop', { dryRun: true, filter: { code: 'too-large' } }), MOVER)
    expect(done).toMatchObject({ dryRun: true, matched: 6, dropped: 0, next: null })
    expect(await all(at, {})).toHaveLength(10)
  })

  it('are tried again: those that go through are gone, each with its entry in the trail', async () => {
    const at = await withLetters()
    at.faults.before = (store, call, args) => {
      if (store !== 'target' || call !== 'applyMany') return
      if ((args[1] as { id: string }[]).some(({ id }) => id === 'r0001')) throw new CutoverError('too-large', 'Still.')
    }
    const done = await letterByLetter(at.context, asked('retry', { filter: { collection: 'projects' } }), MOVER)
    expect(done).toMatchObject({ matched: 5, settled: 4, stillFailing: 1, skipped: 0, next: null, stoppedBy: null })
    expect(await all(at, { collection: 'projects' })).toEqual(['projects/r0001'])
    const { items } = await readAudit(at.context.ledger, { action: 'retry-dead-letter', limit: 50 })
    expect(items).toHaveLength(4)
  })

  it('stop where a store does not answer, and go on there', async () => {
    const at = await withLetters()
    let left = 2
    at.faults.before = (store, call) => {
      if (store === 'target' && call === 'applyMany' && left-- <= 0) throw new CutoverError('unavailable', 'Gone.')
    }
    const filter = { collection: 'projects' }
    const first = await letterByLetter(at.context, asked('retry', { filter }), MOVER)
    expect(first).toMatchObject({ settled: 2, next: 'projects/r0001', stoppedBy: 'Gone.' })
    at.faults.before = () => undefined
    const second = await letterByLetter(at.context, asked('retry', { filter, after: first.next }), MOVER)
    expect(second).toMatchObject({ settled: 3, next: null, stoppedBy: null })
    expect(await all(at, filter)).toEqual([])
  })

  it('are dropped a page at a time; a pass sets aside again what is still at fault', async () => {
    const at = await withLetters()
    const first = await letterByLetter(at.context, asked('drop', { limit: 4 }), MOVER)
    expect(first).toMatchObject({ dropped: 4, next: 'projects/r0003' })
    const rest = await letterByLetter(at.context, asked('drop', { after: first.next }), MOVER)
    expect(rest).toMatchObject({ dropped: 6, next: null })
    expect(await all(at, {})).toEqual([])
  })

  it('two at once do each record once', async () => {
    const at = await withLetters()
    const both = await Promise.all([1, 2].map(() => letterByLetter(at.context, asked('drop'), MOVER)))
    expect(both.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(10)
  })
})

describe('a copy that failed after an acknowledgement', () => {
  it('is not on the list: the next pass brings it, or sets it aside with its error', async () => {
    const at = world()
    await fill(at, 4)
    await go(at, 'dualwrite')
    at.faults.before = (store, call, args) => {
      if (store !== 'target' || call !== 'applyMany') return
      if ((args[1] as { id: string }[]).some(({ id }) => id === 'r0001')) throw new CutoverError('too-large', 'Big.')
    }
    await put(at, 'r0001', { big: true })
    await at.settled()
    expect(at.events).toMatchObject([{ kind: 'left-behind', id: 'r0001' }])
    expect(await all(at, {})).toEqual([])
    await begin(at)
    await drain(at)
    expect(await all(at, {})).toEqual(['projects/r0001'])
  })
})
