import { CutoverError } from '../../lib/core/error.js'
import { dataPlane } from '../../lib/engine/data-plane/data-plane.js'
import { OPERATION_MS_MAX } from '../../lib/engine/data-plane/partition.js'
import type { Program } from './behaviour.js'
import { mutationOf, textOf } from './client.js'
import type { Event, Operation } from './monitor.js'
import { placeOf, type Setting } from './place.js'
import { COLLECTION, START } from './stores.js'

/**
 * One operation through the whole data plane, as the product's surfaces call it, by an instance that knows nothing yet.
 * `hasty`: its time is up at the first request that is not answered; else it sends again, as often as there is luck.
 */
export function caller(operation: Operation, of: number, setting: Setting, hasty: boolean): Program {
  return async (ports) => {
    const { collection, around } = placeOf(ports, setting)
    const background: Promise<unknown>[] = []
    let looks = 0
    const clock = hasty ? { ...around.clock, monotonic: () => OPERATION_MS_MAX * looks++ } : around.clock
    const plane = dataPlane([collection], { ...around, clock, background: (work) => void background.push(work) })
    ports.emit(await answerOf(plane, operation, of))
    await Promise.all(background)
  }
}

async function answerOf(plane: ReturnType<typeof dataPlane>, { id, name, act }: Operation, of: number): Promise<Event> {
  try {
    if (act === 'read') {
      const found = await plane.get(COLLECTION, id)
      return { kind: 'read', of, saw: found.kind === 'found' ? textOf(found.value) : null, version: 0 }
    }
    const operation = { op: name, startedAt: START, named: false }
    const done = await plane.write(COLLECTION, id, operation, mutationOf({ id }, act, new Map()))
    const told = done.value === null ? (act.change === 'delete' ? null : undefined) : textOf(done.value)
    return { kind: 'written', of, told, version: 0 }
  } catch (error) {
    return { kind: meaningOf(error), of }
  }
}

function meaningOf(error: unknown): 'refused' | 'failed' | 'unknown' {
  const code = error instanceof CutoverError ? error.code : null
  if (code === 'not-found' || code === 'precondition-failed') return 'refused'
  if (code === 'unavailable' || code === 'contended') return 'failed'
  if (code === 'outcome-unknown') return 'unknown'
  throw error
}
