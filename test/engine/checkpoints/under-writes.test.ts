import { expect, it } from 'vitest'
import type { Stage } from '../../../lib/core/stage.js'
import { memoryTarget } from '../../../lib/drivers/stores/memory/target.js'
import type { TargetCollection } from '../../../lib/ports/store.js'
import { keepWriting } from '../validate/under-writes.js'
import { endRun, goTo, ids, PARTITIONS, realClock, world, write } from '../validate/world.js'
import { checked, NAME, rules } from './world.js'

const WAY: Stage[] = ['live', 'rampdown', 'complete', 'live', 'shadow', 'dualwrite']
const ASKED = rules({ kind: 'data-consistency' }, { kind: 'api-compatibility' })

it('no checkpoint is a breach for writes that are under way, in no stage, nor while stages change', async () => {
  const clock = { ...realClock(), sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms / 8)) }
  const at = world({ clock, target: distant(memoryTarget({ collection: NAME, partitions: PARTITIONS, clock })) })
  const all = ids(40)
  for (const id of all) await write(at, id, { id, n: 0 })
  await goTo(at, 'shadow')
  await endRun(at, 'backfill')
  const writers = keepWriting(at, all)
  const found = new Map<string, number>()
  try {
    for (const stage of WAY) {
      if (stage === 'shadow') await endRun(at, 'backfill')
      const moving = goTo(at, stage)
      for (const when of ['while it moves', 'after']) {
        const check = await checked(at, ASKED)
        for (const { finding, kind } of check.checkpoints) {
          expect([stage, when, finding?.because, finding?.examples]).not.toContain('differences-found')
          expect([stage, when, finding?.because, finding?.examples]).not.toContain('answers-differ')
          const key = `${kind} ${finding?.outcome}`
          found.set(key, (found.get(key) ?? 0) + 1)
        }
        await moving
      }
    }
  } finally {
    await writers.stop()
  }
  expect(writers.written()).toBeGreaterThan(100)
  // They do not save themselves by never passing.
  expect(found.get('data-consistency pass')).toBeGreaterThan(3)
  expect(found.get('api-compatibility pass')).toBeGreaterThan(3)
}, 120_000)

/** Every call takes a turn of the event loop before it is done and one after: others come in between. */
function distant(target: TargetCollection): TargetCollection {
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const slow = <T extends object>(store: T, instead: Partial<T> = {}): T =>
    new Proxy(store, {
      get(object, name) {
        const member: unknown = Reflect.get(Object.hasOwn(instead, name) ? instead : object, name)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]): Promise<unknown> => {
          await turn()
          const answer: unknown = await member.apply(object, args)
          await turn()
          return answer
        }
      },
    })
  return slow(target, { partitions: target.partitions.map((partition) => slow(partition)) })
}
