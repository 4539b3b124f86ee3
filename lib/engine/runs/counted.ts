import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'

/** The same context, with the commands counted that its calls cost at the target and at the ledger. */
export interface Counted {
  context: EngineContext
  /** Commands since the last time this was asked. */
  taken(): number
}

/**
 * Counts calls by what each sends at the least: a command, but for those below. A script's text that is sent again, or
 * a page that does not fit one answer, costs one more than is counted.
 */
export function counted(context: EngineContext, commandsBefore: number): Counted {
  let commands = commandsBefore
  const count = (call: string): void => {
    commands += COMMANDS[call] ?? 1
  }
  const collections = context.collections.map((collection): Collection => {
    const { target } = collection
    const partitions = target.partitions.map((partition) => counting(partition, count))
    const plain = counting(target.plain, count)
    return { ...collection, target: counting(target, count, { partitions, plain }) }
  })
  return {
    context: { ...context, collections, ledger: counting(context.ledger, count) },
    taken() {
      const since = commands
      commands = 0
      return since
    },
  }
}

/** Calls that send more than one command. */
const COMMANDS: { [call: string]: number } = { page: 3, count: 2 }

/** `instead`: members that are counted by themselves. */
function counting<T extends object>(counted: T, count: (call: string) => void, instead: Partial<T> = {}): T {
  return new Proxy(counted, {
    get(object, name) {
      const member: unknown = Reflect.get(Object.hasOwn(instead, name) ? instead : object, name)
      if (typeof member !== 'function' || typeof name !== 'string') return member
      return (...args: unknown[]): unknown => {
        count(name)
        return member.apply(object, args)
      }
    },
  })
}
