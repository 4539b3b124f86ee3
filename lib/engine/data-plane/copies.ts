import type { Copy } from '../../core/copy.js'
import { CutoverError } from '../../core/error.js'
import type { Keyed } from '../../core/protocol/answers.js'
import type { Afterwards } from '../../core/protocol/outcome.js'
import type { Surroundings } from '../collection.js'
import type { PartitionState } from './partition.js'

/**
 * Copies to the store that does not acknowledge, in the two tolerant stages: to the target in dualwrite, to the source in
 * rampdown. They are begun after the acknowledgement, never before it, and those of one partition go together: what
 * comes while others are under way, or within the window that is configured, is one request. Of two copies of one record
 * only the later one goes; the store would refuse the other.
 *
 * What can go wrong: the process ends with copies that were not sent, the store does not answer, the buffer is full. Then
 * the copies are missing over there, which is what these stages allow: the next pass finds them (in rampdown by their
 * open mark), and no stage that relies on both stores begins before one. What cannot: a copy that is too old replaces a
 * newer one, or one gets past a stage change; each carries its version and its fence, as alone.
 */
export type Copying = Exclude<Afterwards, { do: 'settle' }>

/** Of one partition and one direction. `running`: the promise of those who see to it now. */
export interface CopyBuffer {
  waiting: Map<string, Copying>
  running: Promise<void> | null
  /** Invocations that are kept alive for it. */
  kept: number
}

/** Records that may wait for their copies, of one partition and instance. */
export const COPIES_WAITING_MAX = 1_000
/** Copies in one request. */
const TOGETHER_MAX = 100

/** `false`: there is no room for it. */
export function gatherCopy(work: Copying, state: PartitionState, around: Surroundings, told: LeftBehind): boolean {
  const buffer = state.copies[work.do]
  const held = buffer.waiting.get(work.id)
  if (held === undefined && buffer.waiting.size >= COPIES_WAITING_MAX) return false
  if (held === undefined || held.copy.version < work.copy.version) buffer.waiting.set(work.id, work)
  buffer.running ??= sendAll(buffer, state, around, told)
  // Each caller's invocation is kept alive until all is sent: its own copy may be in the last request.
  if (buffer.kept++ < COPIES_WAITING_MAX) around.background(buffer.running)
  return true
}

type LeftBehind = (work: Copying) => void

async function sendAll(
  buffer: CopyBuffer,
  state: PartitionState,
  around: Surroundings,
  told: LeftBehind,
): Promise<void> {
  const windowMs = around.copiesWindowMs ?? 0
  try {
    do {
      if (windowMs > 0) await around.clock.sleep(windowMs)
      else await null // those that are acknowledged together are copied together
      for (let batch = take(buffer); batch.length > 0; batch = take(buffer)) await sendTogether(batch, state, told)
    } while (buffer.waiting.size > 0)
  } finally {
    buffer.running = null
    buffer.kept = 0
  }
}

/** The first that waits, and others under the same fence. */
function take({ waiting }: CopyBuffer): Copying[] {
  const batch: Copying[] = []
  for (const [id, work] of waiting) {
    if (batch.length === TOGETHER_MAX) break
    if (batch[0] !== undefined && batch[0].fence.epoch !== work.fence.epoch) continue
    batch.push(work)
    waiting.delete(id)
  }
  return batch
}

async function sendTogether(batch: readonly Copying[], state: PartitionState, told: LeftBehind): Promise<void> {
  try {
    await send(batch, state)
  } catch (error) {
    // One that is refused for what it is holds up no other.
    const alone = batch.length > 1 && error instanceof CutoverError && error.code !== 'unavailable'
    for (const work of batch) {
      if (alone) await sendTogether([work], state, told)
      else told(work)
    }
  }
}

async function send(batch: readonly Copying[], { source, target }: PartitionState): Promise<void> {
  const [first] = batch
  if (first === undefined) return
  const copies = batch.map(({ id, copy }): Keyed<Copy> => ({ id, copy }))
  if (first.do === 'copy-to-target') {
    await target.applyMany(first.fence, copies)
    return
  }
  const answers = await source.applyMany(first.fence, copies)
  if ('kind' in answers) return // a later stage has begun, and sees to it
  const settled = batch.flatMap(({ id, copy: { version, op } }, at) => {
    const answer = answers[at]
    if (answer === undefined) return []
    if (answer.kind === 'ok' || answer.kind === 'same' || answer.kind === 'newer') return [{ id, version, op }]
    return []
  })
  if (settled.length > 0) await target.settleMany(settled)
}
