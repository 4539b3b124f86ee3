import type { Copy, TargetCopy } from '../../../lib/core/copy.js'
import type { Fence } from '../../../lib/core/fence.js'
import type { Collection } from '../../../lib/engine/collection.js'
import type { Source, Target } from '../../../lib/ports/store.js'

/**
 * The thinnest pair of stores that the data plane takes: a Map each, a fence that never changes, answers that are
 * there at once. They keep none of a store's promises but the shape of its answers: what is measured over them is the
 * data plane and the protocol, and nothing behind it.
 */
export function mapStores(fence: Fence, ids: readonly string[], leaseMs: number | null): MapStores {
  let version = (fence.epoch + 1) * 2 ** 32
  const first = (): Copy => ({ version: version++, op: '', value: { name: 'none' } })
  const atSource = new Map<string, Copy>(ids.map((id) => [id, first()]))
  const atTarget = new Map<string, TargetCopy>(ids.map((id) => [id, { ...first(), open: false }]))
  const source: Pick<Source, 'label' | 'get' | 'cas' | 'apply' | 'raise'> = {
    label: 'map',
    get: (id) => Promise.resolve({ fence, hold: false, copy: atSource.get(id) ?? null, remembered: null }),
    cas(_fence, { id, op, value }) {
      version += 1
      atSource.set(id, { version, op, value })
      return Promise.resolve({ kind: 'ok', version, created: false })
    },
    apply(_fence, id, copy) {
      atSource.set(id, copy)
      return Promise.resolve(OK)
    },
    raise: () => Promise.resolve(fence),
  }
  const target: Pick<Target, 'label' | 'get' | 'getMany' | 'begin' | 'applyMany' | 'settleMany' | 'control' | 'raise'> =
    {
      label: 'map',
      get: (id) => Promise.resolve({ fence, hold: false, copy: atTarget.get(id) ?? null }),
      getMany: (wanted) => Promise.resolve({ fence, copies: wanted.map((id) => atTarget.get(id) ?? null) }),
      begin(_fence, { id, op, value }) {
        version += 1
        atTarget.set(id, { version, op, value, open: false })
        return Promise.resolve({ kind: 'ok', version, created: false })
      },
      applyMany(_fence, copies) {
        for (const { id, copy } of copies) atTarget.set(id, { ...copy, open: false })
        return Promise.resolve([OK])
      },
      settleMany: () => Promise.resolve(),
      control: () => Promise.resolve({ fence, hold: false }),
      raise: () => Promise.resolve({ fence, hold: false }),
    }
  const collection = {
    name: 'projects',
    source: { partitions: [source] },
    target: { partitions: [target] },
    leaseMs,
  } as unknown as Collection
  return { source, target, collection }
}

export interface MapStores {
  source: Pick<Source, 'get' | 'cas' | 'apply'>
  target: Pick<Target, 'get' | 'begin' | 'applyMany' | 'settleMany'>
  collection: Collection
}

const OK = { kind: 'ok' as const }
