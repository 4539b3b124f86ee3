import { visibleValue } from '../../core/copy.js'
import { CutoverError } from '../../core/error.js'
import { compareIds } from '../../core/id.js'
import type { JsonObject } from '../../core/json.js'
import type { Collection } from '../collection.js'
import { etagOf } from '../data-plane/intent.js'
import { learn, locate, type PartitionState } from '../data-plane/partition.js'

/** Reads from one of the two stores, whatever the stages say, and changes nothing in it. */
export interface OneSided {
  /** `null`: certainly absent. */
  get(id: string): Promise<{ value: JsonObject; etag: string } | null>
  /**
   * Records above `after` in id order, at most `limit`. `end` is exact: a store may say that something could follow where
   * nothing does, and that is no difference between two of them.
   */
  list(
    after: string | null,
    limit: number,
  ): Promise<{ items: { id: string; value: JsonObject; etag: string }[]; end: boolean }>
}

/** The collection as the source alone, or the target alone, would serve it. What is learned of fences goes to `states`. */
export function oneSided(
  collection: Collection,
  states: readonly PartitionState[],
  side: 'source' | 'target',
): OneSided {
  const page = side === 'source' ? sourcePage(states) : targetPage(collection, states)
  return {
    async get(id) {
      const { state } = locate(collection, states, id)
      const { copy, fence } = side === 'source' ? await state.source.get(id) : await state.target.get(id)
      learn(state, fence)
      const value = visibleValue(copy)
      return copy === null || value === null ? null : { value, etag: etagOf(copy.version) }
    },
    async list(after, limit) {
      const items: Awaited<ReturnType<OneSided['list']>>['items'] = []
      let position = after
      for (let turn = 0; turn < TURNS_MAX; turn++) {
        const { rows, end } = await page(position, limit)
        for (const { id, copy } of rows) {
          position = id
          const value = visibleValue(copy)
          if (value !== null) items.push({ id, value, etag: etagOf(copy.version) })
          if (items.length > limit) return { items: items.slice(0, limit), end: false }
        }
        if (end) return { items, end: true }
      }
      if (items.length > 0) return { items: items.slice(0, limit), end: false }
      throw new CutoverError('contended', `The list of ${collection.name} changed while it was read. Try again.`)
    },
  }
}

/** Pages of one call: tombstones are passed over. */
const TURNS_MAX = 50

type Copy = Parameters<typeof visibleValue>[0]
type Page = { rows: { id: string; copy: NonNullable<Copy> }[]; end: boolean }

/** Documents list for themselves: their pages are joined up to where all of them have got. */
function sourcePage(states: readonly PartitionState[]): (after: string | null, limit: number) => Promise<Page> {
  return async (after, limit) => {
    const pages = await Promise.all(states.map(({ source }) => source.page(after, limit)))
    pages.forEach(({ fence }, number) => {
      const state = states[number]
      if (state !== undefined) learn(state, fence)
    })
    const cut = pages.flatMap(({ items, end }) => (end ? [] : [items.at(-1)?.id ?? after ?? ''])).sort(compareIds)[0]
    const rows = pages.flatMap(({ items }) => items).sort((a, b) => compareIds(a.id, b.id))
    const within = cut === undefined ? rows : rows.filter(({ id }) => compareIds(id, cut) <= 0)
    return { rows: within, end: cut === undefined }
  }
}

function targetPage(
  { target }: Collection,
  states: readonly PartitionState[],
): (after: string | null, limit: number) => Promise<Page> {
  return async (after, limit) => {
    const { items, end, fences } = await target.page(after, limit)
    states.forEach((state, number) => {
      learn(state, fences[number] ?? null)
    })
    return { rows: items, end }
  }
}
