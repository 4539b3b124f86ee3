import { comparePositions } from '../../core/position.js'
import { STATE_KINDS, type StateKind } from '../../core/state/kinds.js'
import type { Ledger } from '../../ports/ledger.js'
import { AUDIT_STREAM } from '../audit.js'
import { streamOfKind } from './journal.js'

/** What can be followed as it happens: the audit trail, and every kind of state. */
export const CHANGE_KINDS = ['audit', ...STATE_KINDS] as const
export type ChangeKind = 'audit' | StateKind

export interface Change {
  position: string
  kind: ChangeKind
  entry: { [member: string]: unknown }
}

export interface Changes {
  items: Change[]
  /** Where to go on after: nothing up to it is missing in `items`. */
  position: string
  /** There is more than was answered. */
  more: boolean
}

/**
 * What was entered after a position, in the order of its commits; without a position nothing, but the position of now.
 * Entries are told up to one commit that all streams have been read beyond, so that none can come to light behind it.
 * While nothing is committed it costs one command.
 */
export async function changesAfter(
  ledger: Ledger,
  after: string | null,
  { kinds = CHANGE_KINDS, limit = LIMIT_MAX }: { kinds?: readonly ChangeKind[]; limit?: number } = {},
): Promise<Changes> {
  const head = await ledger.head()
  if (after === null || comparePositions(head, after) <= 0) {
    // A ledger that was made anew begins again: whoever follows it goes on from where it is.
    return { items: [], position: head, more: false }
  }
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const { items, end } = await ledger.entries(streamOf(kind), { after, limit })
      const last = items.at(-1)?.position
      return {
        items: items.map(({ position, value }): Change => ({ position, kind, entry: value as Change['entry'] })),
        upTo: end || last === undefined ? head : last,
      }
    }),
  )
  const upTo = found.map((one) => one.upTo).reduce((a, b) => (comparePositions(b, a) < 0 ? b : a), head)
  const known = found
    .flatMap(({ items }) => items)
    .filter(({ position }) => comparePositions(position, upTo) <= 0)
    .sort((a, b) => comparePositions(a.position, b.position))
  const items = known.slice(0, limit)
  const last = items.at(-1)
  const cut = known.length > limit && last !== undefined
  const position = cut ? last.position : upTo
  return { items, position, more: cut || comparePositions(upTo, head) < 0 }
}

export const LIMIT_MAX = 200

function streamOf(kind: ChangeKind): string {
  return kind === 'audit' ? AUDIT_STREAM : streamOfKind(kind)
}
