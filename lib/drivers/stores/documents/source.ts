import { type Copy, versionOf } from '../../../core/copy.js'
import type { Fence } from '../../../core/fence.js'
import { compareIds } from '../../../core/id.js'
import { isNamed, LATENESS_MAX_MS, operationKey } from '../../../core/operation.js'
import type {
  ApplyAnswer,
  ApplyOptions,
  CasAnswer,
  Counts,
  Held,
  Keyed,
  SourceWrite,
  Stale,
} from '../../../core/protocol/answers.js'
import { nextVersion } from '../../../core/version.js'
import type { Clock } from '../../../ports/clock.js'
import type { DocumentStore } from '../../../ports/document.js'
import type { Source } from '../../../ports/store.js'
import { type Committer, committer, type Draft } from './commit.js'
import { checkCarries, type DocumentOptions, orderedIds, renderExport } from './document.js'
import { openShelf, type Shelf } from './shelf.js'

export interface DocumentSourceOptions {
  documents: DocumentStore
  /** Name of the document, such as `projects.json`. */
  name: string
  collection: string
  clock: Clock
  /** Default `id`. */
  idMember?: string
  /** Shape of a document that does not exist yet; default `map`. */
  shape?: 'map' | 'array'
  /** Where the parsed document is kept between accesses; default: a shelf of its own. */
  shelf?: Shelf
}

export interface DocumentSource extends Source {
  /** The records in their old shape, without what cutover keeps beside them. */
  exportText(): Promise<string>
  shape(): Promise<'map' | 'array'>
  /** A hint that a write to this document will come. */
  prefetch(): void
}

/** The source store over one JSON document. Every access to records and fence is one conditional write or one read. */
export function documentSource(options: DocumentSourceOptions): DocumentSource {
  const { documents, name, clock } = options
  const form: DocumentOptions = {
    collection: options.collection,
    idMember: options.idMember ?? 'id',
    shape: options.shape ?? 'map',
  }
  const document: Committer = committer(documents, name, form, { clock, shelf: options.shelf ?? openShelf() })
  return {
    label: `${documents.label}/${name}`,
    prefetch: document.prefetch,
    exportText: async () => renderExport(await document.read()),
    shape: async () => (await document.read()).layout.shape,
    async get(id, recall) {
      const now = await document.read()
      const remembered = recall === undefined ? null : (now.remembered.get(operationKey(recall)) ?? null)
      return { fence: now.fence, hold: now.hold, copy: now.copies.get(id) ?? null, remembered }
    },
    cas: (fence, write) =>
      document.commit((draft) => {
        checkCarries(draft.document.layout, write.id, write.value)
        return cas(draft, fence, write, clock.now())
      }),
    apply: (fence, id, copy, apply = {}) =>
      document.commit((draft) => {
        checkCarries(draft.document.layout, id, copy.value)
        return admit(draft, fence) ?? applyCopy(draft, id, copy, apply, clock.now())
      }),
    applyMany: (fence, copies) =>
      document.commit((draft): ApplyAnswer[] | Stale => {
        for (const { id, copy } of copies) checkCarries(draft.document.layout, id, copy.value)
        const refusal = admit(draft, fence)
        if (refusal?.kind === 'stale') return refusal
        return copies.map(({ id, copy }) => refusal ?? applyCopy(draft, id, copy, {}, clock.now()))
      }),
    async page(after, limit) {
      const now = await document.read()
      const ids = orderedIds(now)
      const start = after === null ? 0 : firstAbove(ids, after)
      const items: Keyed<Copy>[] = []
      for (const id of ids.slice(start, start + limit)) {
        const copy = now.copies.get(id)
        if (copy !== undefined) items.push({ id, copy })
      }
      return { items, end: start + limit >= ids.length, fence: now.fence }
    },
    count: async () => countOf(await document.read()),
    async glance() {
      const held = await document.read()
      const { fence, hold, plan, heartbeat } = held
      return { counts: countOf(held), control: { fence, hold, plan, heartbeat } }
    },
    async control() {
      const { fence, hold, plan, heartbeat } = await document.read()
      return { fence, hold, plan, heartbeat }
    },
    updateControl: (decide) =>
      document.commit((draft) => {
        const { fence, hold, plan, heartbeat } = draft.document
        const wanted = decide({ fence, hold, plan, heartbeat })
        if (wanted === null) return { fence, hold, plan, heartbeat }
        Object.assign(draft.document, wanted)
        draft.changed = true
        return wanted
      }),
    raise: (fence) =>
      document.commit((draft) => {
        admit(draft, fence)
        return draft.document.fence
      }),
  }
}

/** The fence check of every mutation: a higher fence refuses, a lower one is raised in the same access. */
function admit(draft: Draft, fence: Fence): Stale | Held | null {
  const { document } = draft
  if (document.fence.epoch > fence.epoch) return { kind: 'stale', fence: document.fence }
  if (document.fence.epoch < fence.epoch) {
    document.fence = fence
    document.hold = false
    draft.changed = true
  }
  return document.hold ? { kind: 'hold' } : null
}

function cas(draft: Draft, fence: Fence, write: SourceWrite, now: number): CasAnswer {
  const refusal = admit(draft, fence)
  if (refusal?.kind === 'stale') return refusal
  const { document } = draft
  if (write.named) {
    const known = document.remembered.get(operationKey(write.op))
    if (known !== undefined) return { kind: 'known', version: known.version, op: known.op }
  }
  if (refusal !== null) return refusal
  const held = document.copies.get(write.id) ?? null
  if (versionOf(held) !== write.base) return { kind: 'conflict', copy: held }
  const version = nextVersion(write.base, fence.epoch)
  keep(draft, write.id, { version, op: write.op, value: write.value }, write.named, now)
  return { kind: 'ok', version, created: held === null || held.value === null }
}

function applyCopy(draft: Draft, id: string, copy: Copy, options: ApplyOptions, now: number): ApplyAnswer {
  const held = draft.document.copies.get(id)
  const version = held?.version ?? 0
  if (held !== undefined && version > copy.version) {
    if (options.named && options.overtaken) remember(draft, copy, now)
    return { kind: 'newer', copy: held }
  }
  if (held !== undefined && version === copy.version)
    return held.op === copy.op ? { kind: 'same' } : { kind: 'clash', copy: held }
  if (options.base !== undefined && options.base < version) return { kind: 'loss' }
  keep(draft, id, copy, options.named ?? false, now)
  return { kind: 'ok' }
}

/** Whoever brings the copy of a named operation (a reader, a pass): it counts from now on, and is remembered. */
function keep(draft: Draft, id: string, copy: Copy, named: boolean, now: number): void {
  const { document } = draft
  if (!document.copies.has(id)) document.order = null
  document.copies.set(id, copy)
  if (named || isNamed(copy.op)) remember(draft, copy, now)
  draft.changed = true
}

function remember(draft: Draft, { version, op }: Copy, now: number): void {
  forgetOld(draft, now)
  draft.document.remembered.set(operationKey(op), { version, op, at: now })
  draft.changed = true
}

function forgetOld({ document }: Draft, now: number): void {
  for (const [key, { at }] of document.remembered) {
    if (now - at > 2 * LATENESS_MAX_MS) document.remembered.delete(key)
  }
}

function firstAbove(ids: readonly string[], after: string): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareIds(ids[middle] ?? '', after) > 0) high = middle
    else low = middle + 1
  }
  return low
}

function countOf({ copies }: { copies: ReadonlyMap<string, Copy> }): Counts {
  let records = 0
  for (const { value } of copies.values()) if (value !== null) records++
  return { records, tombstones: copies.size - records }
}
