import type { DeadLetter, Deduplication, FifoQueue, FlowControl, Message, Schedule, SigningKeys } from './model.js'

/** Everything that must survive a restart. The log of events and the counters do not. */
export interface QstashState {
  /** Last number given out, for places in the order and for ids. */
  sequence: number
  messages: Map<string, Message>
  deadLetters: Map<string, DeadLetter>
  schedules: Map<string, Schedule>
  queues: Map<string, FifoQueue>
  flowControls: Map<string, FlowControl>
  deduplications: Map<string, Deduplication>
  keys: SigningKeys
  /** The keys that the options named when `keys` was made: other options mean that the operator chose new ones. */
  configuredKeys: SigningKeys
}

export function emptyState(keys: SigningKeys): QstashState {
  return {
    sequence: 0,
    messages: new Map(),
    deadLetters: new Map(),
    schedules: new Map(),
    queues: new Map(),
    flowControls: new Map(),
    deduplications: new Map(),
    keys: { ...keys },
    configuredKeys: { ...keys },
  }
}

export function stateToText(state: QstashState): string {
  return JSON.stringify({
    version: formatVersion,
    sequence: state.sequence,
    messages: [...state.messages.values()],
    deadLetters: [...state.deadLetters.values()],
    schedules: [...state.schedules.values()],
    queues: [...state.queues.values()],
    flowControls: [...state.flowControls.values()],
    deduplications: [...state.deduplications.values()],
    keys: state.keys,
    configuredKeys: state.configuredKeys,
  })
}

/** Throws if the text is not a snapshot: a server that started empty instead would lose what it had promised to deliver. */
export function stateFromText(text: string, configuredKeys: SigningKeys): QstashState {
  const saved = JSON.parse(text) as Saved
  if (saved.version !== formatVersion) throw new Error(`The QStash snapshot has the unknown version ${saved.version}.`)
  const sameKeys =
    saved.configuredKeys.current === configuredKeys.current && saved.configuredKeys.next === configuredKeys.next
  return {
    sequence: saved.sequence,
    messages: new Map(saved.messages.map((message) => [message.messageId, message])),
    deadLetters: new Map(saved.deadLetters.map((letter) => [letter.dlqId, letter])),
    schedules: new Map(saved.schedules.map((schedule) => [schedule.scheduleId, schedule])),
    queues: new Map(saved.queues.map((queue) => [queue.name, queue])),
    flowControls: new Map(saved.flowControls.map((control) => [control.key, control])),
    deduplications: new Map(saved.deduplications.map((entry) => [entry.id, entry])),
    keys: sameKeys ? saved.keys : { ...configuredKeys },
    configuredKeys: { ...configuredKeys },
  }
}

const formatVersion = 1

interface Saved {
  version: number
  sequence: number
  messages: Message[]
  deadLetters: DeadLetter[]
  schedules: Schedule[]
  queues: FifoQueue[]
  flowControls: FlowControl[]
  deduplications: Deduplication[]
  keys: SigningKeys
  configuredKeys: SigningKeys
}
