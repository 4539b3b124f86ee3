import type { Target } from '../../lib/ports/store.js'
import type { Tamper } from './target-side.js'

/** Targets with a fault, to see that the simulation finds it and that what it finds can be shrunk. */

/** Accepts what a stage sends that is over. */
export const ignoresFence: Tamper = over((inner) => ({
  async begin(fence, write) {
    const { fence: held } = await inner.control()
    return inner.begin(held !== null && held.epoch > fence.epoch ? held : fence, write)
  },
}))

/** Takes a request that comes twice for two. */
export const forgetsOperations: Tamper = over((inner) => {
  const seen = new Map<string, number>()
  return {
    begin(fence, write) {
      const times = seen.get(write.op) ?? 0
      seen.set(write.op, times + 1)
      const [key = '', print] = write.op.split('.')
      const op = [times === 0 ? key : `${key}_${times}`, print].filter((part) => part !== undefined).join('.')
      return inner.begin(fence, { ...write, op })
    },
  }
})

/** Says that the source has what it does not know to be there. */
export const neverOpen: Tamper = over((inner) => ({
  async begin(fence, write) {
    const answer = await inner.begin(fence, write)
    if (answer.kind === 'ok') await inner.settleMany([{ id: write.id, version: answer.version, op: write.op }])
    return answer
  },
}))

function over(change: (inner: Target) => Partial<Target>): Tamper {
  return (target) => ({ ...target, partitions: target.partitions.map((inner) => ({ ...inner, ...change(inner) })) })
}
