import type { Copy } from '../../lib/core/copy.js'
import type { TargetWrite } from '../../lib/core/protocol/answers.js'
import type { Target, TargetCollection } from '../../lib/ports/store.js'
import { fenceAt, newOp } from './stores.js'

/** A fresh, empty target of two partitions and what a test may do to it. */
export interface TargetUnderTest {
  target: TargetCollection
  /** A second handle on the same data, as another process would have. */
  another: () => TargetCollection
  /** Another fresh target, which accepts requests that are at most so late. */
  fresh: (latenessMs: number) => TargetCollection
  /** What can go wrong on the way to the store; `null`: nothing can. */
  way: {
    /** Makes every later call fail until it is called with `false`. */
    outage: (on: boolean) => void
    /** Makes the next write take effect and its answer get lost. */
    loseNextAnswer: () => void
  } | null
  close?: () => void | Promise<void>
}

export type GivenTarget = () => TargetUnderTest

export function first(target: TargetCollection): Target {
  return partition(target, 0)
}

export function partition(target: TargetCollection, number: number): Target {
  const found = target.partitions[number]
  if (found === undefined) throw new Error(`there is no partition ${number}`)
  return found
}

/** A write of `{id}` by a fresh operation that begins now, unconditional. */
export function writeOf(id: string, over: Partial<TargetWrite> = {}): TargetWrite {
  return { id, op: newOp(), startedAt: Date.now(), value: { id }, fenceExpected: false, ...over }
}

export async function began(
  target: Target,
  epoch: number,
  id: string,
  over: Partial<TargetWrite> = {},
): Promise<number> {
  const answer = await target.begin(fenceAt(epoch), writeOf(id, over))
  if (answer.kind !== 'ok') throw new Error(`begin was answered ${answer.kind}`)
  return answer.version
}

/** A copy as the source would send it. */
export function copyOf(id: string, version: number, op = `op-of-${version}`, n = 0): { id: string; copy: Copy } {
  return { id, copy: { version, op, value: { id, n } } }
}
