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
  /** Keys of all that was asked, this request included. */
  readonly asked: readonly string[]
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
  const add = async (log: readonly Reply[], before: Node): Promise<Node> => {
    const { request: wanted, asked, ended, events: all } = await played(program, log)
    // What is taken for an end, or for the same process again, would hide all that comes after it.
    if (wanted === null && !ended) throw new Error(`${name} waits for something that is no request.`)
    if (before.asked.some((key, at) => key !== asked[at])) throw new Error(`${name} does not do the same again.`)
    const events = all.slice(before.heard).map(numbers.event)
    const number = nodes.length
    if (wanted === null) return { ...END, events }
    const request = wanted.key === '' ? { ...wanted, key: `${name} ${number}` } : wanted
    const node = { number, request, requestNumber: numbers.request(request), events, log, asked, heard: all.length }
    nodes.push(node)
    children.push(new Map())
    return node
  }
  const root = await add([], END)
  if (root.events.length > 0) throw new Error(`${name} says something before it asks anything.`)
  return {
    root,
    after(node, reply, replyNumber) {
      const known = children[node.number]?.get(replyNumber)
      if (known !== undefined) return known
      return add([...node.log, reply], node).then((next) => {
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

const END: Node = { number: ENDED, request: null, requestNumber: -1, events: [], log: [], asked: [], heard: 0 }

interface Played {
  request: Request | null
  asked: string[]
  ended: boolean
  events: Event[]
}

async function played(program: Program, log: readonly Reply[]): Promise<Played> {
  const events: Event[] = []
  const asked: string[] = []
  let at = 0
  let request: Request | null = null
  let ended = false
  const ask: Ask = (wanted) => {
    const reply = log[at]
    if (reply !== undefined) {
      at += 1
      asked.push(wanted.key)
      return Promise.resolve(reply)
    }
    if (request === null) asked.push(wanted.key)
    request ??= wanted // of several at once the others wait their turn
    return new Promise(() => {})
  }
  const emit = (event: Event): void => void events.push(event)
  program({ ask, emit })
    .catch((error: unknown) => {
      emit({ kind: 'broke', text: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    })
    .finally(() => {
      ended = true
    })
  // Every promise that can go on has gone on.
  await new Promise((resolve) => setImmediate(resolve))
  return { request, asked, ended, events }
}
