import type { TargetCopy } from '../../../core/copy.js'
import { CutoverError } from '../../../core/error.js'
import type { Fence } from '../../../core/fence.js'
import { compareIds } from '../../../core/id.js'
import type { Keyed, Page } from '../../../core/protocol/answers.js'
import type { RedisClient, Reply } from '../../redis/client.js'
import { decodeCopy, decodeStoredFence, type Layout } from './layout.js'
import { listOf, textsOf } from './replies.js'

/**
 * One page of a collection, tombstones among the records: ids from the two indexes, then fences, values and metas in
 * one atomic MGET. An id that has gone in between is left out; one that has come is in the next listing. A page whose
 * records are too much for one answer of the database is shorter than asked for.
 */
export async function readPage(
  {
    client,
    mget,
    layout,
  }: { client: RedisClient; mget: (keys: readonly string[]) => Promise<unknown>; layout: Layout },
  partitions: number,
  after: string | null,
  limit: number,
): Promise<Page<Keyed<TargetCopy>> & { fences: (Fence | null)[] }> {
  const from = after === null ? '-' : `(${after}`
  const range = (key: string): (string | number)[] => ['ZRANGEBYLEX', key, from, '+', 'LIMIT', 0, limit]
  const [live, dead] = await client.pipeline([range(layout.index), range(layout.tombstones)])
  const liveIds = idsOf(live)
  const deadIds = idsOf(dead)
  const merged = [...new Set([...liveIds, ...deadIds])].sort(compareIds)
  const fenceKeys = Array.from({ length: partitions }, (_, number) => layout.fence(number))
  const { ids, replies } = await asManyAsFit(merged.slice(0, limit), async (some) => {
    const keys = some.flatMap((id) => [layout.value(id), layout.meta(id)])
    return listOf(await mget([...fenceKeys, ...keys]))
  })
  const fences = fenceKeys.map((key, number) => decodeStoredFence(replies[number] ?? null, key).fence)
  const items = ids.flatMap((id, at) => {
    const copy = decodeCopy(replies[partitions + at * 2 + 1] ?? null, replies[partitions + at * 2], id)
    return copy === null ? [] : [{ id, copy }]
  })
  // An index that filled its page may hide ids beyond its last one, and those beyond the page's cut are left anyway.
  const end = merged.length === ids.length && liveIds.length < limit && deadIds.length < limit
  return { items, end, fences }
}

/**
 * Asks for the copies of `ids`, or of half of them as often as the database refuses so much at once. That is eight
 * times for a page of 200 at most: one record fits always, or it could not have been written.
 */
export async function asManyAsFit(
  ids: readonly string[],
  ask: (ids: readonly string[]) => Promise<unknown[]>,
): Promise<{ ids: readonly string[]; replies: unknown[] }> {
  try {
    return { ids, replies: await ask(ids) }
  } catch (error) {
    if (!(error instanceof CutoverError && error.code === 'too-large') || ids.length < 2) throw error
    return asManyAsFit(ids.slice(0, Math.ceil(ids.length / 2)), ask)
  }
}

function idsOf(reply: Reply | undefined): string[] {
  if (reply === undefined) return []
  if ('error' in reply) throw reply.error
  return textsOf(reply.result)
}
