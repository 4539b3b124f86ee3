import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { isEnded } from '../../core/run.js'
import type { DocumentStore } from '../../ports/document.js'
import type { Ledger } from '../../ports/ledger.js'
import { AUDIT_STREAM } from '../audit.js'
import { collectionOf, type EngineContext } from '../context.js'
import { listRuns } from '../runs/store.js'
import { pairsOf } from '../stages/move.js'

const PAGE = 200
const PAGES_MAX = 2_000

/**
 * The last thing that cutover does: its own records (audit trail, runs, plans) go into a document beside the exports,
 * and are removed from the target's database. Refused while anything is still to be done.
 */
export async function archiveLedger(
  context: EngineContext,
  into: DocumentStore,
  name: string,
): Promise<{ document: string; auditEntries: number; documents: number }> {
  const { ledger } = context
  await mustBeOver(context)
  const audit = await allEntries(ledger)
  const kept: { [key: string]: Json } = {}
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end } = await ledger.list('', after, PAGE)
    for (const { key, value } of items) kept[key] = value
    after = items.at(-1)?.key ?? null
    if (end || after === null) break
  }
  const text = `${JSON.stringify({ archivedAt: new Date(context.clock.now()).toISOString(), audit, documents: kept }, null, 1)}\n`
  const present = await into.get(name)
  const etag = present === null || present === 'unchanged' ? null : present.etag
  if ((await into.put(name, text, { ifMatch: etag })).kind === 'conflict') {
    throw new CutoverError(
      'conflict',
      `The document ${name} was written by somebody else at the same moment. Try again.`,
    )
  }
  await ledger.destroy()
  return { document: name, auditEntries: audit.length, documents: Object.keys(kept).length }
}

async function mustBeOver(context: EngineContext): Promise<void> {
  for (const { name } of context.collections) {
    for (const [source] of pairsOf(collectionOf(context, name))) {
      if (!(await source.control()).fence.plain) {
        throw new CutoverError('conflict', `The collection ${name} is not cleaned up yet.`, {
          details: { reason: 'not-cleaned-up' },
        })
      }
    }
  }
  const active = (await listRuns(context.ledger, { active: true, limit: 1 })).filter(({ status }) => !isEnded(status))
  if (active.length > 0)
    throw new CutoverError('conflict', `The run ${active[0]?.id} has not ended.`, {
      details: { reason: 'run-under-way' },
    })
}

async function allEntries(ledger: Ledger): Promise<Json[]> {
  const all: Json[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end } = await ledger.entries(AUDIT_STREAM, { after, limit: 500 })
    for (const { position, value } of items) {
      all.push({ position, entry: value })
      after = position
    }
    if (end) return all
  }
  throw new CutoverError('too-large', 'The audit trail is too long for one document. Export it in parts first.')
}
