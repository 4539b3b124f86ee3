import { CutoverError } from '../../../lib/core/error.js'
import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'
import { memoryLedger } from '../../../lib/drivers/ledgers/memory.js'
import { type Board, boardsOf } from '../../../lib/engine/failing/board.js'
import { StoreBreaker, type StoreName } from '../../../lib/engine/failing/store-breaker.js'
import { FakeClock } from '../runs/fake-clock.js'

export const SILENCE = (): CutoverError => new CutoverError('unavailable', 'No answer came.')

/** Instances with clocks of their own, a store that may be away, and boards that may be away too. */
export function fleet(count: number, store: StoreName = 'target') {
  const ledger = memoryLedger()
  const documents = memoryDocuments()
  const world = { storeUp: false, boardUp: true, forced: false, probes: [] as number[], underWay: 0, most: 0, time: 0 }
  const board = guarded(boardsOf({ ledger: async () => ledger, documents })[store], world)
  const instances = Array.from({ length: count }, (_, number) => {
    const clock = new FakeClock(1_750_000_000_000 + number * 1_700) // wall clocks differ by seconds
    clock.monotonic = () => world.time
    clock.now = () => 1_750_000_000_000 + number * 1_700 + world.time
    clock.id = () => `i${number}`
    for (let n = 0; n <= number; n++) clock.random()
    const pending = new Set<Promise<unknown>>()
    const breaker = new StoreBreaker(store, {
      board,
      clock,
      background: (work) => {
        const kept = work.finally(() => pending.delete(kept))
        pending.add(kept)
      },
      probe: async () => {
        world.probes.push(number)
        world.underWay += 1
        world.most = Math.max(world.most, world.underWay)
        await new Promise((resolve) => setImmediate(resolve))
        world.underWay -= 1
        if (!world.storeUp) throw SILENCE()
      },
      orders: async () => world.forced,
    })
    return { breaker, pending }
  })
  const settled = async (): Promise<void> => {
    while (instances.some(({ pending }) => pending.size > 0)) {
      await Promise.all(instances.flatMap(({ pending }) => [...pending]))
    }
  }
  return {
    world,
    board,
    breakers: instances.map(({ breaker }) => breaker),
    settled,
    /** Time passes in small steps; at each, a request comes to every instance. */
    async pass(ms: number, stepMs = 100): Promise<void> {
      for (let left = ms; left > 0; left -= stepMs) {
        world.time += stepMs
        for (const { breaker } of instances) if (!breaker.closed) breaker.refuse()
        await settled()
      }
    },
    async fail(): Promise<void> {
      for (const { breaker } of instances) for (let n = 0; n < 5; n++) breaker.failed(SILENCE())
      await settled()
    },
  }
}

function guarded(board: Board, world: { boardUp: boolean }): Board {
  const up = (): void => {
    if (!world.boardUp) throw SILENCE()
  }
  return {
    read: async () => {
      up()
      return await board.read()
    },
    write: async (note, from) => {
      up()
      return await board.write(note, from)
    },
  }
}
