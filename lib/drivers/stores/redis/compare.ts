import { COMMAND_CHARS_MAX, COMMAND_RECORDS_MAX } from '../../../core/compare/round.js'
import { type Compared, type Piece, piecesOf, type Stretch } from '../../../core/compare/stretch.js'
import type { Copy } from '../../../core/copy.js'
import { CutoverError } from '../../../core/error.js'
import type { Fence } from '../../../core/fence.js'
import type { Keyed } from '../../../core/protocol/answers.js'
import type { Script } from '../../redis/client.js'
import { sha1Hex } from '../../redis/sha1.js'
import { decodeStoredFence, encodeMeta, encodeValue, type Layout } from './layout.js'
import { listOf, unexpected } from './replies.js'

/**
 * Has Redis compare a stretch with the copies that the source has in it: the caller hashes what Redis ought to hold,
 * Redis hashes what it holds, and only hashes and keys travel. Each command takes many stretches and answers for each.
 *
 * What it is: ids as the indexes list them, metas without their open marks, and values, all hashed as one text, one
 * item a line. What cannot go wrong: no id and no JSON text holds a line break, and the numbers of lines are compared
 * first, so two different stretches have different texts (and SHA-1 is no defence here against whoever writes to the
 * database). What can: a value that is written otherwise, with its members in another order, counts as different.
 */
export async function compareAtStore(
  { script, layout }: { script: Script; layout: Layout },
  partitions: number,
  stretch: Stretch,
  copies: readonly Keyed<Copy>[],
): Promise<{ compared: Compared[]; fences: (Fence | null)[] }> {
  const fenceKeys = Array.from({ length: partitions }, (_, number) => layout.fence(number))
  const compared: Compared[] = []
  let fences: (Fence | null)[] = []
  const asked: { pieces: Piece<Expected>[]; answer: Promise<unknown[]> }[] = []
  const settle = async (): Promise<void> => {
    const oldest = asked.shift()
    if (oldest === undefined) return
    const [marks, ...raws] = await oldest.answer
    fences = fenceKeys.map((key, number) => decodeStoredFence(raws[number] ?? null, key).fence)
    if (typeof marks !== 'string' || marks.length !== oldest.pieces.length) throw unexpected('a comparison')
    oldest.pieces.forEach(({ after, until, items }, at) => {
      compared.push({ after, until, records: items.length, same: marks[at] === '1' })
    })
  }
  for (const pieces of commandsOf(stretch, copies, layout)) {
    const answer = ask(script, layout, fenceKeys, pieces)
    answer.catch(() => {}) // told when it is its turn
    asked.push({ pieces, answer })
    if (asked.length === AT_ONCE_MAX) await settle()
  }
  while (asked.length > 0) await settle()
  return { compared, fences }
}

/** While Redis works on one command, the next is made. */
const AT_ONCE_MAX = 2

/** What Redis holds of a copy, if both stores agree. */
interface Expected {
  id: string
  meta: string
  /** `null` for a tombstone. */
  value: string | null
}

function* commandsOf(stretch: Stretch, copies: readonly Keyed<Copy>[], layout: Layout): Generator<Piece<Expected>[]> {
  const keyChars = layout.value('').length + layout.meta('').length
  const charsOf = ({ id, value }: Expected): number => keyChars + 2 * id.length + (value?.length ?? 0)
  let pieces: Piece<Expected>[] = []
  let records = 0
  let chars = 0
  for (const piece of piecesOf(stretch, expectedOf(copies), charsOf)) {
    const more = piece.items.reduce((sum, item) => sum + charsOf(item), 0)
    const full = records + piece.items.length > COMMAND_RECORDS_MAX || chars + more > COMMAND_CHARS_MAX
    if (full && pieces.length > 0) {
      yield pieces
      pieces = []
      records = 0
      chars = 0
    }
    pieces.push(piece)
    records += piece.items.length
    chars += more
  }
  yield pieces
}

function* expectedOf(copies: readonly Keyed<Copy>[]): Generator<Expected> {
  for (const { id, copy } of copies) {
    yield { id, meta: encodeMeta(copy), value: copy.value === null ? null : encodeValue(copy.value) }
  }
}

async function ask(
  script: Script,
  layout: Layout,
  fenceKeys: readonly string[],
  pieces: readonly Piece<Expected>[],
): Promise<unknown[]> {
  const keys = [layout.index, layout.tombstones, ...fenceKeys]
  const args = [String(fenceKeys.length)]
  const texts: string[] = []
  for (const { after, until, items } of pieces) {
    const live = items.filter(({ value }) => value !== null)
    const dead = items.filter(({ value }) => value === null)
    const from = after === null ? '-' : `(${after}`
    const to = until === null ? '+' : `[${until}`
    args.push(from, to, String(live.length), String(dead.length))
    for (const { id } of live) keys.push(layout.value(id))
    for (const { id } of live) keys.push(layout.meta(id))
    for (const { id } of dead) keys.push(layout.meta(id))
    texts.push(textOf(live, dead))
  }
  const digests = await Promise.all(texts.map(sha1Hex))
  try {
    return listOf(await script.run(keys, [...args, ...digests]))
  } catch (error) {
    // Some databases take less in one request: then it cannot be told, and the caller reads.
    if (!(error instanceof CutoverError && error.code === 'too-large')) throw error
    return listOf(await script.run(keys.slice(0, 2 + fenceKeys.length), [String(fenceKeys.length)])).with(
      0,
      '0'.repeat(pieces.length),
    )
  }
}

/** What the script puts together from what it finds, in the same order. */
function textOf(live: readonly Expected[], dead: readonly Expected[]): string {
  const lines: string[] = []
  for (const { id } of live) lines.push(id)
  for (const { id } of dead) lines.push(id)
  for (const { meta } of live) lines.push(meta)
  for (const { meta } of dead) lines.push(meta)
  for (const { value } of live) lines.push(value ?? '')
  return lines.join('\n')
}
