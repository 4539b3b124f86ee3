/**
 * A queue that delivers JSON messages to our own job routes, at least once, in no promised order.
 *
 * - `publish` answers only when the queue has taken the message durably; it throws `CutoverError('unavailable')`
 *   when that is not known.
 * - A message may be delivered late, twice, or after a later one; the receiver must not care.
 * - Two publishes with one `deduplicationId` within the queue's window may be delivered once only.
 */
export interface Queue {
  readonly label: string
  publish(message: QueueMessage): Promise<{ messageId: string }>
}

export interface QueueMessage {
  /** Path of the job route, such as `/api/jobs/run`. */
  path: string
  body: unknown
  /** `[A-Za-z0-9_-]`, at most 128 characters. */
  deduplicationId?: string
  delaySeconds?: number
  /** Deliveries under one key are limited to `parallelism` at a time. */
  flowControl?: { key: string; parallelism: number }
}
