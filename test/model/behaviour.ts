import type { Event } from './monitor.js'
import type { Ask, Reply, Request } from './requests.js'

/**
 * A process that runs the product's own code, as a graph of local states. Code cannot be copied in mid-air, but it is
 * deterministic: what it asks next follows from the replies it was given. So a local state is a list of replies, and the
 * code is played from its start to find out what comes next; once for each list, however many states of the whole
 * contain it.
 */
export interface Behaviour {
  readonly root: Node
  /** The local state after a reply; a promise where the code has to be played first. */
  after(node: Node, reply: Reply, replyNumber: number): Node | Promise<Node>
  at(number: number): Node
  readonly size: number
}

export type Program = (ports: Ports) => Promise<void>

export interface Ports {
  ask: Ask
  /** What the outside learns: the answer of an operation, an alarm. */
  emit: (event: Event) => void
}

export interface Node {
  readonly number: number
  /** `null`: the process has ended. */
  readonly request: Request | null
  readonly requestNumber: number
  /** What the outside learned between the last reply and this request: numbers of events. */
  readonly events: readonly number[]
  readonly log: readonly Reply[]
  /** All that the outside has learned by now. */
  readonly heard: number
}

export async function behaviourOf(
  name: string,
  program: Program,
  numbers: { request: (request: Request) => number; event: (event: Event) => number },
): Promise<Behaviour> {
  // All ends are one: what was said on the way has been heard.
  const nodes: Node[] = [END]
  const children: Map<number, Node>[] = [new Map()]
  const add = async (log: readonly Reply[], heard: number): Promise<Node> => {
    const { request: asked, events: all } = await played(program, log)
    const events = all.slice(heard).map(numbers.event)
    const number = nodes.length
    if (asked === null) return { ...END, events }
    const request = asked.key === '' ? { ...asked, key: `${name} ${number}` } : asked
    const node = { number, request, requestNumber: numbers.request(request), events, log, heard: all.length }
    nodes.push(node)
    children.push(new Map())
    return node
  }
  return {
    root: await add([], 0),
    after(node, reply, replyNumber) {
      const known = children[node.number]?.get(replyNumber)
      if (known !== undefined) return known
      return add([...node.log, reply], node.heard).then((next) => {
        children[node.number]?.set(replyNumber, next)
        return next
      })
    },
    at(number) {
      const node = nodes[number]
      if (node === undefined) throw new Error(`${name} has no local state ${number}.`)
      return node
    },
    get size() {
      return nodes.length
    },
  }
}

/** The number of the local state in which there is nothing left to do. */
export const ENDED = 0

const END: Node = { number: ENDED, request: null, requestNumber: -1, events: [], log: [], heard: 0 }

async function played(program: Program, log: readonly Reply[]): Promise<{ request: Request | null; events: Event[] }> {
  const events: Event[] = []
  let at = 0
  let request: Request | null = null
  const ask: Ask = (asked) => {
    const reply = log[at]
    if (reply !== undefined) {
      at += 1
      return Promise.resolve(reply)
    }
    request ??= asked // of several at once the others wait their turn
    return new Promise(() => {})
  }
  const emit = (event: Event): void => void events.push(event)
  program({ ask, emit }).catch((error: unknown) => {
    emit({ kind: 'broke', text: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  })
  // Every promise that can go on has gone on.
  await new Promise((resolve) => setImmediate(resolve))
  return { request, events }
}
