import { createHash } from 'node:crypto'
import type { FlowControlSpec, Message, MessageSpec } from './model.js'
import type { Office } from './office.js'
import type { Publication } from './publication.js'
import { freshId } from './random.js'

export interface Accepted {
  messageId: string
  deduplicated: boolean
}

/**
 * Takes a publication into memory; the caller answers only after `office.file.flush()`.
 * One that repeats a deduplication id within the window becomes no message and gets the id of the first.
 */
export function accept(office: Office, publication: Publication): Accepted {
  const { state, stats } = office
  const now = Date.now()
  const deduplicationId = deduplicationKey(publication)
  if (deduplicationId !== null) {
    forgetExpired(office, now)
    const earlier = state.deduplications.get(deduplicationId)
    if (earlier !== undefined) {
      stats.deduplicated += 1
      return { messageId: earlier.messageId, deduplicated: true }
    }
  }
  const message = createMessage(office, publication.spec, publication.notBefore ?? now + publication.spec.delayMs)
  if (deduplicationId !== null) {
    const expiresAt = now + office.settings.deduplicationWindowMs
    state.deduplications.set(deduplicationId, { id: deduplicationId, messageId: message.messageId, expiresAt })
  }
  stats.published += 1
  place(office, message)
  return { messageId: message.messageId, deduplicated: false }
}

export function createMessage(office: Office, spec: MessageSpec, notBefore: number): Message {
  office.state.sequence += 1
  return {
    ...spec,
    messageId: freshId('msg'),
    order: office.state.sequence,
    createdAt: Date.now(),
    notBefore,
    retried: 0,
    duplicated: false,
  }
}

/** Puts a message among those to be delivered, unless a fault makes the server forget it. */
export function place(office: Office, message: Message): void {
  const { state, faults } = office
  if (message.queueName !== null) touchQueue(office, message.queueName)
  else message.notBefore += faults.holdMs()
  if (message.flowControl !== null) touchFlowControl(office, message.flowControl)
  office.events.add(message, 'CREATED')
  if (faults.strikes('lose')) office.stats.lost += 1
  else state.messages.set(message.messageId, message)
  office.file.changed()
  office.wake()
}

function deduplicationKey({ deduplication, spec }: Publication): string | null {
  if (deduplication.kind === 'none') return null
  if (deduplication.kind === 'id') return `id:${deduplication.id}`
  const content = JSON.stringify([spec.url, spec.method, spec.header, spec.bodyBase64])
  return `content:${createHash('sha256').update(content).digest('base64url')}`
}

function forgetExpired(office: Office, now: number): void {
  for (const [id, entry] of office.state.deduplications) {
    if (entry.expiresAt <= now) office.state.deduplications.delete(id)
  }
}

function touchQueue(office: Office, name: string): void {
  const now = Date.now()
  if (office.state.queues.has(name)) return
  office.state.queues.set(name, { name, parallelism: 1, paused: false, createdAt: now, updatedAt: now })
}

/** The configuration of a key is that of the last message under it, except for what is pinned. */
function touchFlowControl(office: Office, spec: FlowControlSpec): void {
  const known = office.state.flowControls.get(spec.key)
  office.state.flowControls.set(spec.key, {
    key: spec.key,
    parallelism: known?.pinnedParallelism ? known.parallelism : spec.parallelism,
    rate: known?.pinnedRate ? known.rate : spec.rate,
    periodSeconds: known?.pinnedRate ? known.periodSeconds : spec.periodSeconds,
    paused: known?.paused ?? false,
    pinnedParallelism: known?.pinnedParallelism ?? false,
    pinnedRate: known?.pinnedRate ?? false,
  })
}
