import { type Copy, versionOf } from '../../lib/core/copy.js'
import type { Source } from '../../lib/ports/store.js'
import { fenceAt, newOp } from './stores.js'

/** A fresh, empty source and what a test may do to it. */
export interface SourceUnderTest {
  source: Source
  /** A second handle on the same data, as another process would have. */
  another: () => Source
  /** Makes every later call fail until it is called with `false`. */
  outage: (on: boolean) => void | Promise<void>
  /** Makes the next write take effect and its answer get lost. */
  loseNextAnswer: () => void | Promise<void>
  close?: () => void | Promise<void>
}

export type GivenSource = () => SourceUnderTest

/** Writes on whatever version is there. */
export async function wrote(
  source: Source,
  epoch: number,
  id: string,
  value: Copy['value'] = { id },
  op = newOp(),
  named = false,
): Promise<number> {
  const base = versionOf((await source.get(id)).copy)
  const answer = await source.cas(fenceAt(epoch), { id, base, op, named, value })
  if (answer.kind !== 'ok') throw new Error(`the write was answered ${answer.kind}`)
  return answer.version
}
