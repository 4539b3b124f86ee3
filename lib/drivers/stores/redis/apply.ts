import type { Copy } from '../../../core/copy.js'
import type { Fence } from '../../../core/fence.js'
import type { BatchMark, Keyed, SetBack, TargetApplyAnswer } from '../../../core/protocol/answers.js'
import { decodeCopy, encodeValue, fenceArgs, type Layout } from './layout.js'
import { listOf, unexpected } from './replies.js'

/** What the script APPLY is called with, and what its answers mean. */
export function applyCall(
  layout: Layout,
  partition: number,
  fence: Fence,
  copies: readonly Keyed<Copy>[],
  mark: BatchMark | undefined,
): { keys: string[]; args: string[] } {
  const keys = [
    layout.fence(partition),
    layout.index,
    layout.tombstones,
    layout.open(partition),
    layout.heartbeat(partition),
  ]
  const args = [...fenceArgs(fence), String(mark?.from ?? ''), String(mark?.to ?? '')]
  for (const { id, copy, text } of copies) {
    const { version, op, value } = copy
    keys.push(layout.value(id), layout.meta(id))
    args.push(`${version}:0:${value === null ? 1 : 0}:${op}`, text ?? encodeValue(value))
  }
  return { keys, args }
}

/** `stale`: refused by the fence that follows. */
export function applyAnswers(
  reply: unknown,
  copies: readonly Keyed<Copy>[],
): TargetApplyAnswer[] | SetBack | { kind: 'stale'; raw: unknown } {
  const [kind, first, ...later] = listOf(reply)
  if (kind === 'stale') return { kind, raw: first }
  if (kind === 'set-back') return { kind }
  if (kind !== 'done' || typeof first !== 'string' || first.length !== copies.length) throw unexpected('apply')
  let next = 0
  return copies.map(({ id }, at): TargetApplyAnswer => {
    if (first[at] === 'o') return OK
    if (first[at] === 's') return SAME
    const copy = first[at] === 'n' ? decodeCopy(later[next] ?? null, later[next + 1], id) : null
    next += 2
    if (copy === null) throw unexpected('apply')
    return { kind: 'newer', copy }
  })
}

const OK: TargetApplyAnswer = { kind: 'ok' }
const SAME: TargetApplyAnswer = { kind: 'same' }
