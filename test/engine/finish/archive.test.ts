import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { enterAudit } from '../../../lib/engine/audit.js'
import { archiveLedger } from '../../../lib/engine/finish/archive.js'
import { watch } from '../../../lib/engine/watch.js'
import { begin, drain, fill, go, type World, world } from '../runs/world.js'

const NAME = 'exports/cutover-ledger.json'

async function finished(): Promise<World> {
  const at = world()
  await fill(at, 10)
  await go(at, 'complete')
  await begin(at, { quietMs: 0 }, 'clean-up')
  await drain(at)
  return at
}

function archive(at: World) {
  return archiveLedger(at.context, at.documents, NAME)
}

async function textOf(at: World, name: string): Promise<string> {
  const stored = await at.documents.get(name)
  return stored === null || stored === 'unchanged' ? '' : stored.text
}

async function isEmpty(at: World): Promise<boolean> {
  const { items } = await at.context.ledger.list('', null, 10)
  const entries = await at.context.ledger.entries('audit', { limit: 10 })
  return items.length + entries.items.length === 0
}

describe('the ledger', () => {
  it('is archived as a whole and leaves nothing, now or after the next watch', async () => {
    const at = await finished()
    const { document, auditEntries, documents } = await archive(at)
    expect(document).toBe(NAME)
    const kept = JSON.parse(await textOf(at, NAME)) as { audit: { entry: { action: string } }[]; documents: object }
    expect([kept.audit.length, Object.keys(kept.documents).length]).toEqual([auditEntries, documents])
    const actions = kept.audit.map(({ entry }) => entry.action)
    expect(actions).toEqual(expect.arrayContaining(['advance-stage', 'start-backfill', 'end-clean-up']))
    expect(await isEmpty(at)).toBe(true)
    expect((await watch(at.context)).collections).toEqual({ projects: 'finished' })
    expect(await isEmpty(at)).toBe(true)
  })

  it('that is gone already is not archived over what there was', async () => {
    const at = await finished()
    await archive(at)
    const text = await textOf(at, NAME)
    expect(await archive(at)).toEqual({ document: NAME, auditEntries: 0, documents: 0 })
    expect(await textOf(at, NAME)).toBe(text)
  })

  it('whose removal was interrupted is archived beside the first archive, never over it', async () => {
    const at = await finished()
    at.faults.before = (store, call) => {
      if (store === 'ledger' && call === 'destroy') throw new CutoverError('unavailable', 'Half of it is gone.')
    }
    await expect(archive(at)).rejects.toMatchObject({ code: 'unavailable' })
    const text = await textOf(at, NAME)
    at.faults.before = () => undefined
    const held = await at.context.ledger.list('latest-run/', null, 10)
    await at.context.ledger.commit(
      held.items.map(({ key, revision }) => ({ key, ifRevision: revision, value: undefined })),
    )
    expect((await archive(at)).document).toBe('exports/cutover-ledger-2.json')
    expect(await textOf(at, NAME)).toBe(text)
    expect(await isEmpty(at)).toBe(true)
  })

  it('stays while anything is open', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    await expect(archive(at)).rejects.toMatchObject({ code: 'conflict', details: { reason: 'not-cleaned-up' } })
    await begin(at, { quietMs: 0 }, 'clean-up')
    await drain(at)
    const run = await begin(at, { quietMs: 60_000 }, 'clean-up')
    await expect(archive(at)).rejects.toMatchObject({ details: { reason: 'run-under-way' } })
    await drain(at)
    await at.context.ledger.commit([
      { key: 'plan/mine', ifRevision: null, value: { form: 1, status: 'running', plan: {} } },
    ])
    await expect(archive(at)).rejects.toMatchObject({ details: { reason: 'plan-under-way' } })
    const held = await at.context.ledger.read('plan/mine')
    await at.context.ledger.commit([
      { key: 'plan/mine', ifRevision: held?.revision ?? null, value: { status: 'finished' } },
    ])
    expect(run.kind).toBe('clean-up')
    expect(await isEmpty(at)).toBe(false)
    await archive(at)
    expect(await isEmpty(at)).toBe(true)
  })

  it('is archived whole however long the trail is', async () => {
    const at = await finished()
    for (let entry = 0; entry < 1_200; entry++)
      await enterAudit(at.context, {
        by: 'ann',
        action: 'x',
        collection: null,
        reason: 'r',
        before: null,
        after: { entry },
      })
    const { auditEntries } = await archive(at)
    expect(auditEntries).toBeGreaterThan(1_200)
  })
})
