import { CutoverError } from '../../core/error.js'
import { isJsonObject, type Json } from '../../core/json.js'
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
 *
 * A document that is there is never replaced: it may be the archive of an attempt that was interrupted while it
 * removed, and then holds more than is left. Asked again when everything is gone, it writes nothing.
 */
export async function archiveLedger(
  context: EngineContext,
  into: DocumentStore,
  name: string,
): Promise<{ document: string; auditEntries: number; documents: number }> {
  const { ledger, metrics } = context
  await mustBeOver(context)
  const audit = await allEntries(ledger)
  const kept = await allDocuments(ledger)
  const counts = { auditEntries: audit.length, documents: Object.keys(kept).length }
  // The measurements are kept nowhere: what they were evidence of is over. They go first, and again if it was cut short.
  await metrics.destroy()
  if (audit.length + counts.documents === 0) return { document: name, ...counts }
  const archivedAt = new Date(context.clock.now()).toISOString()
  const document = await putNew(into, name, `${JSON.stringify({ archivedAt, audit, documents: kept }, null, 1)}\n`)
  await ledger.destroy()
  return { document, ...counts }
}

const NAMES_MAX = 100

/** Under the name, or the next free one after it: `ledger.json`, `ledger-2.json`... */
async function putNew(into: DocumentStore, name: string, text: string): Promise<string> {
  for (let number = 1; number <= NAMES_MAX; number++) {
    const free = number === 1 ? name : name.replace(/(\.[^./]*)?$/, `-${number}$1`)
    if ((await into.get(free)) === null && (await into.put(free, text, { ifMatch: null })).kind === 'stored')
      return free
  }
  throw new CutoverError('conflict', `The document ${name} and its ${NAMES_MAX} successors exist. Give another name.`)
}

async function mustBeOver(context: EngineContext): Promise<void> {
  for (const { name } of context.collections) {
    for (const [source] of pairsOf(collectionOf(context, name))) {
      if (!(await source.control()).fence.plain)
        throw open(`The collection ${name} is not cleaned up yet.`, 'not-cleaned-up')
    }
  }
  const [run] = (await listRuns(context.ledger, { active: true, limit: 1 })).filter(({ status }) => !isEnded(status))
  if (run !== undefined) throw open(`The run ${run.id} has not ended.`, 'run-under-way')
  const { items } = await context.ledger.list('plan/', null, PAGE)
  const plan = items.find(({ value }) => isJsonObject(value) && value.status === 'running')
  if (plan !== undefined) throw open(`The plan ${plan.key.slice('plan/'.length)} has not ended.`, 'plan-under-way')
}

function open(message: string, reason: string): CutoverError {
  return new CutoverError('conflict', message, { details: { reason } })
}

async function allDocuments(ledger: Ledger): Promise<{ [key: string]: Json }> {
  const kept: { [key: string]: Json } = {}
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end } = await ledger.list('', after, PAGE)
    for (const { key, value } of items) kept[key] = value
    after = items.at(-1)?.key ?? null
    if (end || after === null) return kept
  }
  throw tooLong()
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
  throw tooLong()
}

function tooLong(): CutoverError {
  return new CutoverError('too-large', 'The ledger is too long for one document. Export it in parts first.')
}
