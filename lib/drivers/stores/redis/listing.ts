import type { TargetCopy } from '../../../core/copy.js'
import type { Fence } from '../../../core/fence.js'
import { compareIds } from '../../../core/id.js'
import type { Keyed, Page } from '../../../core/protocol/answers.js'
import type { RedisClient, Reply } from '../../redis/client.js'
import { decodeCopy, decodeStoredFence, type Layout } from './layout.js'

/**
 * One page of a collection, tombstones among the records: ids from the two indexes, then fences, values and metas in
 * one atomic MGET. An id that has gone in between is left out; one that has come is in the next listing.
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
  const ids = merged.slice(0, limit)
  const fenceKeys = Array.from({ length: partitions }, (_, number) => layout.fence(number))
  const keys = ids.flatMap((id) => [layout.value(id), layout.meta(id)])
  const replies = (await mget([...fenceKeys, ...keys])) as unknown[]
  const fences = fenceKeys.map((key, number) => decodeStoredFence(replies[number] ?? null, key).fence)
  const items = ids.flatMap((id, at) => {
    const copy = decodeCopy(replies[partitions + at * 2 + 1] ?? null, replies[partitions + at * 2], id)
    return copy === null ? [] : [{ id, copy }]
  })
  // An index that filled its page may hide ids beyond its last one, and those beyond the page's cut are left anyway.
  const end = merged.length <= limit && liveIds.length < limit && deadIds.length < limit
  return { items, end, fences }
}

function idsOf(reply: Reply | undefined): string[] {
  if (reply === undefined) return []
  if ('error' in reply) throw reply.error
  return (reply.result as unknown[]).map(String)
}
