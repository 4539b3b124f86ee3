import type { Client } from '@upstash/qstash'
import { CutoverError } from '../../core/error.js'
import { backOff } from '../../core/failing/back-off.js'
import type { Queue, QueueMessage } from '../../ports/queue.js'

/**
 * QStash as the queue of our own job routes.
 *
 * - A publish that resolves is durable: QStash answered with a message id.
 * - A publish that throws `unavailable` may still have been taken; publishing it again with the same
 *   `deduplicationId` within ten minutes is safe, and without one it may be delivered twice.
 * - Errors name the queue and the status, never the token, the destination's query or the body.
 */
export class QstashQueue implements Queue {
  readonly label: string
  readonly #options: QstashQueueOptions
  #client: Promise<Client> | undefined

  constructor(options: QstashQueueOptions) {
    this.#options = options
    this.label = `qstash:${options.url === undefined ? 'default' : hostOf(options.url)}`
  }

  async publish(message: QueueMessage): Promise<{ messageId: string }> {
    checkMessage(message)
    const flowControl = message.flowControl ?? this.#options.flowControl
    try {
      this.#client ??= connect(this.#options)
      const client = await this.#client
      const { messageId } = await client.publishJSON({
        url: destination(this.#options.publicUrl, message.path),
        body: message.body ?? null,
        ...(message.deduplicationId === undefined ? {} : { deduplicationId: message.deduplicationId }),
        ...(message.delaySeconds === undefined ? {} : { delay: Math.ceil(message.delaySeconds) }),
        ...(flowControl === undefined ? {} : { flowControl }),
      })
      return { messageId }
    } catch (error) {
      throw unavailable(this.label, error)
    }
  }
}

export interface QstashQueueOptions {
  /** Base URL of QStash; the SDK's default (or its development server) when absent. */
  url?: string
  token: string
  /** Where QStash reaches this deployment, such as `https://app.example`. */
  publicUrl: string
  /** For messages that bring none of their own. */
  flowControl?: { key: string; parallelism: number }
}

/** The URL that a delivery is signed for: the receiver must check the same one. */
function destination(publicUrl: string, path: string): string {
  return `${publicUrl.replace(/\/+$/, '')}${path}`
}

async function connect({ url, token }: QstashQueueOptions): Promise<Client> {
  const { Client } = await import('@upstash/qstash')
  const backoff = (attempt: number): number => backOff({ attempt, ...retryWait }, Math)
  const retry = { retries: connectRetriesMax, backoff }
  // A URL that was asked for is used, whatever QSTASH_DEV says.
  return url === undefined ? new Client({ token, retry }) : new Client({ baseUrl: url, token, retry, devMode: false })
}

function checkMessage({ path, deduplicationId, delaySeconds = 0 }: QueueMessage): void {
  if (!path.startsWith('/')) {
    throw new CutoverError('invalid-input', 'The path of a queue message must begin with a slash.')
  }
  if (deduplicationId !== undefined && !/^[A-Za-z0-9_-]{1,128}$/.test(deduplicationId)) {
    throw new CutoverError('invalid-input', 'A deduplication id is 1 to 128 letters, digits, dashes or underscores.')
  }
  if (!(delaySeconds >= 0)) throw new CutoverError('invalid-input', 'The delay of a queue message cannot be negative.')
}

/** The cause is left out on purpose: what the SDK and the server say may repeat what was sent. */
function unavailable(label: string, error: unknown): CutoverError {
  const answered = error instanceof Error && 'status' in error && typeof error.status === 'number'
  const status = answered ? (error.status as number) : null
  const fault = status === null ? 'could not be reached' : `answered ${status}`
  return new CutoverError('unavailable', `The queue ${label} ${fault}, so the message may not have been taken.`, {
    details: { queue: label, status },
  })
}

function hostOf(url: string): string {
  if (!URL.canParse(url)) throw new CutoverError('configuration', 'The QStash URL is not a URL.')
  return new URL(url).host
}

/** Only connection failures are tried again by the SDK: 3 tries within about a second fit any function's time. */
const connectRetriesMax = 2
const retryWait = { baseMs: 200, capMs: 2_000 }
