import { CutoverError } from '../../lib/core/error.js'
import type { Fence } from '../../lib/core/fence.js'
import type { Effect, Protocol, Reply } from '../../lib/core/protocol/effect.js'
import type { Surroundings } from '../../lib/engine/collection.js'
import type { PartitionState } from '../../lib/engine/data-plane/partition.js'
import { lease } from '../../lib/engine/data-plane/perform.js'
import type { Source } from '../../lib/ports/store.js'
import type { Ports } from './behaviour.js'
import type { Setting } from './place.js'
import { requestOf, type Stores } from './requests.js'
import { COLLECTION } from './stores.js'

/** Plays a protocol: its requests are sent to the world, which sends them again, loses them, or lets them stray. */
export async function driven<T>(
  protocol: Protocol<T>,
  state: PartitionState,
  ports: Ports,
  around: Surroundings,
  setting: Setting,
): Promise<T> {
  let next = protocol.next()
  while (!next.done) next = protocol.next(await replyTo(next.value, state, ports, around, setting))
  return next.value
}

async function replyTo(
  effect: Effect,
  state: PartitionState,
  ports: Ports,
  around: Surroundings,
  setting: Setting,
): Promise<Reply<unknown>> {
  const send = async (store: 'source' | 'target', call: string, given: unknown[]): Promise<Reply<unknown>> => {
    if (store === 'source' && setting.documents) return sentAgain(state.source, call, given)
    const { answer, doubtful } = await ports.ask({ ...requestOf(store, call, given), resent: true })
    return answer === null ? { answer, doubtful: true } : { answer: answer.value, doubtful }
  }
  switch (effect.call) {
    case 'pause':
      return { answer: 'waited', doubtful: false }
    case 'alarm': {
      // Of an operation that is older than the stores remember, not being remembered proves nothing.
      const { answer } = await ports.ask({ store: 'world', call: 'jumps', key: 'jumps', run: async () => null })
      if (effect.sign === 'overtaken-without-proof' && answer?.value !== 0) return { answer: 'noted', doubtful: false }
      around.report({
        kind: 'target-lost-data',
        collection: COLLECTION,
        partition: 0,
        sign: effect.sign,
        id: effect.id,
      })
      return { answer: 'noted', doubtful: false }
    }
    case 'lease':
      return {
        answer: await leased(effect.store, effect.fence, state, ports, around),
        doubtful: false,
      } as Reply<unknown>
    case 'source.get':
      return send('source', 'get', [effect.id, effect.recall])
    case 'source.cas':
      return send('source', 'cas', [effect.fence, effect.write])
    case 'source.apply':
      return send('source', 'apply', [effect.fence, effect.id, effect.copy, effect.options])
    case 'source.raise':
      return send('source', 'raise', [effect.fence])
    case 'target.get':
      return send('target', 'get', [effect.id])
    case 'target.begin':
      return send('target', 'begin', [effect.fence, effect.write])
    case 'target.probe':
      return send('target', 'probe', [effect.fence, effect.op])
    case 'target.prove':
      return send('target', 'prove', [effect.fence, effect.held, effect.mine])
  }
}

/** A call that takes several requests is sent again as a whole, once. */
async function sentAgain(source: Source, call: string, given: unknown[]): Promise<Reply<unknown>> {
  for (const doubtful of [false, true]) {
    try {
      return { answer: await requestOf('source', call, given).run({ source } as Stores), doubtful }
    } catch (error) {
      if (!(error instanceof CutoverError && error.code === 'unavailable')) throw error
    }
  }
  return { answer: null, doubtful: true }
}

/** The world knows when this process last saw the store; if it did not, the store is asked as the product does it. */
async function leased(
  store: 'source' | 'target',
  fence: Fence,
  state: PartitionState,
  ports: Ports,
  around: Surroundings,
): Promise<unknown> {
  if (state.collection.leaseMs === null) return { kind: 'held' }
  const key = `lease ${store} ${fence.epoch}`
  const { answer } = await ports.ask({ store: 'world', call: 'lease', key, run: async () => null })
  if (answer?.value === 'held') return { kind: 'held' }
  try {
    return await lease(store, fence, state, around)
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'unavailable') return null
    throw error
  }
}
