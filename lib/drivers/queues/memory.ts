import { CutoverError } from '../../core/error.js'
import type { Queue, QueueMessage } from '../../ports/queue.js'

/**
 * A queue in this process that delivers nothing by itself: a test takes the messages and does with them what a real
 * queue might. Bodies are copied as JSON on the way in, as a wire would. Nothing survives the process.
 */
export class MemoryQueue implements Queue {
  readonly label = 'memory'
  #messages: HeldMessage[] = []
  #deduplicated = new Map<string, string>()
  #sequence = 0
  #refusals = 0
  #losses = 0

  async publish(message: QueueMessage): Promise<{ messageId: string }> {
    if (this.#refusals > 0) {
      this.#refusals -= 1
      throw new CutoverError('unavailable', 'The queue memory refuses messages, so this one was not taken.')
    }
    const earlier = message.deduplicationId && this.#deduplicated.get(message.deduplicationId)
    if (earlier) return { messageId: earlier }
    this.#sequence += 1
    const messageId = `memory-${this.#sequence}`
    if (message.deduplicationId) this.#deduplicated.set(message.deduplicationId, messageId)
    if (this.#losses > 0) this.#losses -= 1
    else this.#messages.push({ ...message, body: JSON.parse(JSON.stringify(message.body ?? null)), messageId })
    return { messageId }
  }

  /** The messages that wait, in the order of delivery. */
  peek(): readonly HeldMessage[] {
    return this.#messages
  }

  /** Takes all messages that wait, in the order of delivery. */
  takeAll(): HeldMessage[] {
    const taken = this.#messages
    this.#messages = []
    return taken
  }

  /** Has the message delivered once more, after all others. */
  duplicate(messageId: string): void {
    this.#messages.push({ ...this.#held(messageId) })
  }

  /** Puts the waiting messages into the order of `rank`; without it, into the opposite order. */
  reorder(rank?: (message: HeldMessage) => number): void {
    this.#messages = rank === undefined ? this.#messages.reverse() : this.#messages.sort((a, b) => rank(a) - rank(b))
  }

  /** Forgets a message that waits: it was acknowledged and never comes. */
  lose(messageId: string): void {
    const lost = this.#held(messageId)
    this.#messages = this.#messages.filter((message) => message !== lost)
  }

  /** The next `count` publishes are acknowledged and forgotten. */
  loseNext(count = 1): void {
    this.#losses += count
  }

  /** The next `count` publishes throw `unavailable`. */
  refuseNext(count = 1): void {
    this.#refusals += count
  }

  /** Ends the deduplication window. */
  forgetDeduplication(): void {
    this.#deduplicated.clear()
  }

  #held(messageId: string): HeldMessage {
    const held = this.#messages.find((message) => message.messageId === messageId)
    if (held === undefined) throw new CutoverError('not-found', `No message ${messageId} waits in the queue memory.`)
    return held
  }
}

export type HeldMessage = QueueMessage & { messageId: string }
