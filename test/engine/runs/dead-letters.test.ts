import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { readAudit } from '../../../lib/engine/audit.js'
import { dropDeadLetter, listDeadLetters, retryDeadLetter } from '../../../lib/engine/runs/dead-letters.js'
import { collectionStatus } from '../../../lib/engine/status.js'
import { begin, drain, expectEqualStores, fill, go, MOVER, pass, put, runOf, type World, world } from './world.js'

/** The target refuses these records, alone or among others, and counts how often it was asked for each alone. */
function refusing(at: World, refused: ReadonlySet<string>): Map<string, number> {
  const alone = new Map<string, number>()
  at.faults.before = (store, call, args) => {
    if (store !== 'target' || call !== 'applyMany') return
    const ids = (args[1] as { id: string }[]).map(({ id }) => id)
    const bad = ids.filter((id) => refused.has(id))
    if (ids.length === 1) alone.set(ids[0] ?? '', (alone.get(ids[0] ?? '') ?? 0) + 1)
    if (bad.length > 0) throw new CutoverError('too-large', 'One of the records is over the limit of the database.')
  }
  return alone
}

async function inShadow(): Promise<World> {
  const at = world()
  await fill(at, 150)
  await put(at, 'a/b ü', { awkward: true })
  await go(at, 'shadow')
  return at
}

const BAD = new Set(['r0007', 'r0100', 'a/b ü'])

describe('a record that cannot be brought over', () => {
  it('is tried three times, set aside with its error, and holds nothing else up', async () => {
    const at = await inShadow()
    const alone = refusing(at, BAD)
    const run = await pass(at)
    expect([run.status, run.note]).toEqual(['failed', '3 records were set aside; see the dead letters.'])
    expect(run.counters).toMatchObject({ deadLetters: 3, copied: 148 })
    for (const id of BAD) expect([id, alone.get(id)]).toEqual([id, 3])
    const { items, next } = await listDeadLetters(at.context, 'projects', null, 10)
    expect(items.map(({ id }) => id).sort()).toEqual([...BAD].sort())
    expect(items[0]).toMatchObject({ collection: 'projects', runId: run.id, code: 'too-large', attempts: 3 })
    expect(JSON.stringify(items)).not.toContain('awkward')
    expect(next).toBeNull()
    expect((await collectionStatus(at.context, 'projects')).full).toBe(false)
  })

  it('is listed page by page', async () => {
    const at = await inShadow()
    refusing(at, BAD)
    await pass(at)
    const seen: string[] = []
    let after: string | null = null
    for (let page = 0; page < 5; page++) {
      const { items, next }: Awaited<ReturnType<typeof listDeadLetters>> = await listDeadLetters(
        at.context,
        'projects',
        after,
        1,
      )
      seen.push(...items.map(({ id }) => id))
      if (next === null) break
      after = next
    }
    expect(seen).toEqual([...BAD].sort())
  })

  it('can be tried again, and is off the list once it is over', async () => {
    const at = await inShadow()
    refusing(at, BAD)
    await pass(at)
    expect(await retryDeadLetter(at.context, 'projects', 'r0007', MOVER)).toMatchObject({ kind: 'still-failing' })
    expect((await listDeadLetters(at.context, 'projects', null, 10)).items).toContainEqual(
      expect.objectContaining({ id: 'r0007', attempts: 4 }),
    )
    at.faults.down.add('target')
    await expect(retryDeadLetter(at.context, 'projects', 'r0007', MOVER)).rejects.toMatchObject({ code: 'unavailable' })
    at.faults.down.delete('target')
    at.faults.before = () => undefined
    expect(await retryDeadLetter(at.context, 'projects', 'r0007', MOVER)).toEqual({ kind: 'settled', error: null })
    await expect(retryDeadLetter(at.context, 'projects', 'r0007', MOVER)).rejects.toMatchObject({ code: 'not-found' })
    expect((await readAudit(at.context.ledger, { action: 'retry-dead-letter', limit: 5 })).items).toMatchObject([
      { by: 'ann', reason: 'because', before: { id: 'r0007' } },
    ])
  })

  it('can be dropped, which the next pass does not care about', async () => {
    const at = await inShadow()
    refusing(at, BAD)
    await pass(at)
    for (const id of BAD)
      expect(await dropDeadLetter(at.context, 'projects', id, MOVER)).toMatchObject({ kind: 'dropped' })
    expect((await listDeadLetters(at.context, 'projects', null, 10)).items).toEqual([])
    expect((await pass(at)).status).toBe('failed')
    expect((await listDeadLetters(at.context, 'projects', null, 10)).items.length).toBe(3)
  })

  it('is off the list when a later pass has brought it over', async () => {
    const at = await inShadow()
    refusing(at, BAD)
    await pass(at)
    refusing(at, new Set(['r0100']))
    expect((await pass(at)).status).toBe('failed')
    expect((await listDeadLetters(at.context, 'projects', null, 10)).items).toMatchObject([
      { id: 'r0100', attempts: 3 },
    ])
    at.faults.before = () => undefined
    const run = await pass(at)
    expect([run.status, run.note]).toEqual(['succeeded', null])
    expect((await listDeadLetters(at.context, 'projects', null, 10)).items).toEqual([])
    expect((await collectionStatus(at.context, 'projects')).full).toBe(true)
  })

  it('may be one that only the target has', async () => {
    const at = world()
    await fill(at, 30)
    await go(at, 'rampdown')
    at.faults.before = (store, call, args) => {
      if (store === 'source' && call === 'put' && String(args[1]).includes('"only"'))
        throw new CutoverError('too-large', 'The document is over its limit.')
    }
    await put(at, 'only', { only: true })
    await at.settled()
    await go(at, 'live', 'down')
    const run = await begin(at)
    await drain(at)
    expect((await runOf(at, run.id)).note).toBe('1 records were set aside; see the dead letters.')
    expect((await listDeadLetters(at.context, 'projects', null, 10)).items).toMatchObject([{ id: 'only', attempts: 3 }])
    at.faults.before = () => undefined
    expect(await retryDeadLetter(at.context, 'projects', 'only', MOVER)).toMatchObject({ kind: 'settled' })
    expect(await expectEqualStores(at)).toEqual([])
  })

  it('is no reason to set others aside while a store is down', async () => {
    const at = await inShadow()
    const run = await begin(at)
    at.faults.down.add('target')
    await expect(drain(at)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await runOf(at, run.id)).toMatchObject({ status: 'running', done: 0 })
    expect((await listDeadLetters(at.context, 'projects', null, 10)).items).toEqual([])
  })
})
