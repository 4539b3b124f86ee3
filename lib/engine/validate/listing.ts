import type { Stretch } from '../../core/compare/stretch.js'
import type { Copy } from '../../core/copy.js'
import { CutoverError } from '../../core/error.js'
import { compareIds } from '../../core/id.js'
import type { Keyed } from '../../core/protocol/answers.js'
import type { Collection } from '../collection.js'
import { learn, locate, type PartitionState } from '../data-plane/partition.js'
import { sideBySide } from '../side-by-side.js'
import { isDamage, type Located, readTargets, type Sight, sightOf, type TargetFound } from './sight.js'

/** The source's copies in a stretch, in id order. */
interface SourceStretch extends Stretch {
  copies: Keyed<Copy>[]
}

/**
 * What the source has above `after`: at most `wanted` copies, up to the point that the listings of all partitions have
 * reached.
 */
export async function readSource(
  states: readonly PartitionState[],
  after: string | null,
  wanted: number,
): Promise<SourceStretch> {
  const limit = Math.max(SHARE_MIN, Math.ceil(wanted / states.length))
  const pages = await sideBySide(states, (state) => readSourcePage(state, after, limit))
  const listed = pages.flatMap(({ items }) => items).sort((a, b) => compareIds(a.id, b.id))
  const most = listed.length > wanted ? (listed[wanted - 1]?.id ?? null) : null
  const until = lowest([...pages.map(({ reached }) => reached), most])
  let end = listed.length
  while (until !== null && end > 0 && compareIds(listed[end - 1]?.id ?? '', until) > 0) end--
  return { after, until, copies: listed.slice(0, end) }
}

/** A partition with few records a page may reach much further than another: what is beyond is read in vain. */
const SHARE_MIN = 100

/** Records of both stores side by side, in id order. */
export interface SightPage {
  sights: Sight[]
  /** Position after the page: the end of the stretch when all of it is read. */
  after: string | null
  /** The target's listing could not be read here: what only the target has was not looked for. */
  unlisted: boolean
}

/**
 * The next records of the stretch that either store lists, about `limit` of them. Both listings are merged up to the
 * point that all of them have reached, so each record is read once and missing and extra ones show in the same way.
 * A record written meanwhile may show as missing on either side; the look that follows a difference corrects that.
 */
export async function readSights(
  collection: Collection,
  states: readonly PartitionState[],
  { after, until }: Stretch,
  limit: number,
): Promise<SightPage> {
  // A whole page of each: with a share of the page, the partition that got least far would leave a record or two.
  const sources = await sideBySide(states, (state) => readSourcePage(state, after, limit))
  const listedAtSources = sources.flatMap(({ items }) => items.map(({ id }) => id)).sort(compareIds)
  const reached = lowest([...sources.map(({ reached }) => reached), listedAtSources[limit - 1] ?? null, until])
  const listed = await readTargetPage(collection, states, after, limit)
  const found = new Map<string, { state: PartitionState; source: Copy | null; target: TargetFound }>()
  for (const { state, items } of sources) {
    for (const { id, copy } of items) found.set(id, { state, source: copy, target: null })
  }
  const cut = listed === null ? reached : lowest([reached, listed.reached])
  const within = (id: string): boolean => cut === null || compareIds(id, cut) <= 0
  for (const id of found.keys()) if (!within(id)) found.delete(id)
  if (listed === null) {
    const located: Located[] = [...found].map(([id, { state }]) => ({ id, state }))
    const targets = await readTargets(located)
    for (const [id, one] of found) one.target = targets.get(id) ?? null
  } else {
    for (const { id, copy } of listed.items) {
      if (!within(id)) continue
      const { state } = locate(collection, states, id)
      found.set(id, { state, source: found.get(id)?.source ?? null, target: copy })
    }
  }
  const sights = [...found].map(([id, { state, source, target }]) => sightOf(state, id, source, target))
  return { sights: sights.sort((a, b) => compareIds(a.id, b.id)), after: cut, unlisted: listed === null }
}

async function readSourcePage(
  state: PartitionState,
  after: string | null,
  limit: number,
): Promise<{ state: PartitionState; items: { id: string; copy: Copy }[]; reached: string | null }> {
  const { items, end, fence } = await state.source.page(after, limit)
  learn(state, fence)
  const last = items.at(-1)?.id
  if (!end && last === undefined) {
    throw new CutoverError(
      'contended',
      `The records of ${state.source.label} changed while they were listed. Try again.`,
    )
  }
  return { state, items, reached: end ? null : (last ?? null) }
}

/** `null` where the listing tells nothing: a copy in it is damaged, or nothing that it names is there. */
async function readTargetPage(
  collection: Collection,
  states: readonly PartitionState[],
  after: string | null,
  limit: number,
): Promise<{ items: { id: string; copy: TargetFound }[]; reached: string | null } | null> {
  try {
    const { items, end, fences } = await collection.target.page(after, limit)
    states.forEach((state, number) => {
      learn(state, fences[number] ?? null)
    })
    const last = items.at(-1)?.id
    if (end) return { items, reached: null }
    return last === undefined ? null : { items, reached: last }
  } catch (error) {
    if (isDamage(error)) return null
    throw error
  }
}

/** The first in order of positions that were reached; `null` is the end. */
function lowest(positions: readonly (string | null)[]): string | null {
  return positions.filter((position) => position !== null).sort(compareIds)[0] ?? null
}
