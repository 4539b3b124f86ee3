import type { PlainCopy } from '../../../core/protocol/answers.js'
import type { PlainTarget } from '../../../ports/store.js'
import type { RedisClient } from '../../redis/client.js'
import { sha1Hex } from '../../redis/sha1.js'
import { decodeValue, encodeValue, type Layout } from './layout.js'
import { asManyAsFit } from './listing.js'
import { listOf, textsOf, unexpected, wholeOf } from './replies.js'
import { PLAIN_WRITE } from './scripts.js'

/** The target as plain application data, after the last day; see the port for what it promises. */
export function redisPlain(client: RedisClient, layout: Layout): PlainTarget {
  const writing = client.script(PLAIN_WRITE)
  const read = async (text: unknown, id: string): Promise<PlainCopy | null> =>
    typeof text === 'string' ? { value: decodeValue(text, id), digest: await sha1Hex(text) } : null
  return {
    get: async (id) => read(await client.command(['GET', layout.value(id)]), id),
    async page(after, limit) {
      const from = after === null ? '-' : `(${after}`
      const index = ['ZRANGEBYLEX', layout.index, from, '+', 'LIMIT', 0, limit]
      const listed = textsOf(await client.command(index))
      if (listed.length === 0) return { items: [], end: true }
      const { ids, replies } = await asManyAsFit(listed, async (some) =>
        listOf(await client.command(['MGET', ...some.map(layout.value)])),
      )
      const items = []
      for (const [at, id] of ids.entries()) {
        const copy = await read(replies[at], id)
        if (copy !== null) items.push({ id, copy })
      }
      return { items, end: listed.length === ids.length && listed.length < limit }
    },
    async write(id, value, ifDigest) {
      const expected = ifDigest === undefined ? '-' : (ifDigest ?? '')
      const reply = await writing.run([layout.value(id), layout.index], [id, encodeValue(value), expected])
      const [kind, first, second] = listOf(reply)
      if (kind === 'ok' && typeof first === 'string') return { kind, digest: first, created: second === '1' }
      if (kind === 'conflict') return { kind, copy: await read(first, id) }
      throw unexpected('a write')
    },
    purge: (cursor) => purge(client, layout, cursor),
  }
}

const PURGE_KEYS_MAX = 500

/**
 * Cursor: `<which pattern>:<scan cursor>:<keys removed in this round>`. A pattern is done when a whole round over the
 * keys has found nothing: some servers pass over keys while others are removed.
 */
async function purge(
  client: RedisClient,
  layout: Layout,
  cursor: string | null,
): Promise<{ removed: number; next: string | null }> {
  const [at = '0', scan = '0', before = '0'] = cursor?.split(':') ?? []
  const pattern = layout.reserved[Number(at)]
  if (pattern === undefined) return { removed: 0, next: null }
  const [next, found] = listOf(await client.command(['SCAN', scan, 'MATCH', pattern, 'COUNT', PURGE_KEYS_MAX]))
  const keys = textsOf(found)
  if (typeof next !== 'string' && typeof next !== 'number') throw unexpected('a scan')
  const doomed = at === '0' && scan === '0' ? [...keys, layout.tombstones] : keys
  const removed = doomed.length === 0 ? 0 : wholeOf(await client.command(['DEL', ...doomed]))
  const round = Number(before) + removed
  if (String(next) !== '0') return { removed, next: `${at}:${next}:${round}` }
  if (round > 0) return { removed, next: `${at}:0:0` }
  return { removed, next: Number(at) + 1 < layout.reserved.length ? `${Number(at) + 1}:0:0` : null }
}
