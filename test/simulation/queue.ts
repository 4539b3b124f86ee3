import { CutoverError } from '../../lib/core/error.js'
import type { Queue, QueueMessage } from '../../lib/ports/queue.js'
import type { Mishaps } from './mishaps.js'
import { type Place, send } from './network.js'
import { type Process, textOf } from './process.js'
import { type Random, strandOf } from './random.js'
import type { Whole } from './whole.js'
import type { World } from './world.js'

/** What the queue of a history has to do with the rest of it. */
export interface Post {
  world: World
  mishaps: Mishaps
  seed: number
  whole: Whole
  /** Nothing befalls deliveries any more. */
  calm: () => boolean
  /** Any process that answers. */
  server: (random: Random) => Process
  fault: (text: string) => void
}

/**
 * The queue as QStash is one: what it has taken it delivers at some time to some instance, and again when the delivery
 * failed or was not answered, a few times; a message under a name that it has heard within its window is swallowed.
 * And as it had better not be, and may: it forgets messages, doubles and delays them.
 */
export function postOf(post: Post): { of: (place: Place) => Queue; readonly waiting: number } {
  const { world, seed } = post
  const heard = new Map<string, number>()
  let taken = 0
  let waiting = 0
  const take = async (message: QueueMessage): Promise<{ messageId: string }> => {
    const { deduplicationId: id, body } = message
    const known = id === undefined ? undefined : heard.get(id)
    if (known !== undefined && world.now() - known < WINDOW_MS) return { messageId: String(id) }
    if (id !== undefined) heard.set(id, world.now())
    taken += 1
    const name = `queue/${taken}`
    const random = strandOf(seed, name)
    const copy = JSON.parse(JSON.stringify(body)) as Message
    for (const delayMs of fatesOf(post, name, random)) {
      waiting += 1
      const leave = async (): Promise<void> => {
        await deliver(post, name, copy, random)
        waiting -= 1
      }
      world.after((message.delaySeconds ?? 0) * 1000 + delayMs, () => void leave())
    }
    return { messageId: name }
  }
  return {
    of: (place) => ({
      label: 'queue',
      publish: (message) =>
        send(
          place,
          'queue',
          () => JSON.stringify(message),
          () => take(message),
        ),
    }),
    get waiting() {
      return waiting
    },
  }
}

interface Message {
  runId: string
  step: number
}

const WINDOW_MS = 10 * 60_000
/** Deliveries of one message, the first included. */
const DELIVERIES_MAX = 4
const BACKOFF_MS = 2_000
/** Longer than any function lives. */
const PATIENCE_MS = 30_000

/** When the message is delivered: once, in a good queue. */
function fatesOf({ mishaps, whole, calm }: Post, name: string, random: Random): number[] {
  const soon = random.below(60, 2)
  const drawn = random.next()
  const again = random.below(30_000)
  if (calm()) return [soon]
  const { lost, late, duplicated } = whole.queue
  if (drawn < lost) return mishaps.come(name, 'queue-lost') ? [] : [soon]
  if (drawn < lost + late) return mishaps.come(name, 'queue-late') ? [again] : [soon]
  if (drawn < lost + late + duplicated) return mishaps.come(name, 'queue-duplicated') ? [soon, again] : [soon]
  return [soon]
}

async function deliver(post: Post, name: string, message: Message, random: Random): Promise<void> {
  const { world } = post
  for (let delivery = 0; delivery < DELIVERIES_MAX; delivery++) {
    const process = post.server(random)
    world.trace(() => `${name} ${JSON.stringify(message)} to ${process.instance.name}`)
    if ((await Promise.race([answer(post, process, message), world.sleep(PATIENCE_MS)])) === 'done') return
    await world.sleep(BACKOFF_MS * 2 ** delivery)
  }
}

function answer({ world, fault }: Post, process: Process, message: Message): Promise<'done' | 'failed'> {
  return new Promise((resolve) => {
    process.instance.deliver(() => {
      process.work(message).then(
        (worked) => {
          world.trace(() => `${process.instance.name} worked: ${JSON.stringify(worked).slice(0, 300)}`)
          resolve('done')
        },
        (error: unknown) => {
          world.trace(() => `${process.instance.name} failed: ${String(error)}`)
          if (!(error instanceof CutoverError)) fault(`A worker threw ${textOf(error)}`)
          resolve('failed')
        },
      )
    })
  })
}
