/** What the server keeps. All of it is plain JSON, so that a snapshot is one `JSON.stringify`. Times are ms since the epoch. */
export interface Message extends MessageSpec {
  messageId: string
  /** Place in the order of acceptance. A callback shares the place of the message it reports on. */
  order: number
  createdAt: number
  notBefore: number
  /** Attempts already made and failed. */
  retried: number
  /** Set by the duplicate fault, so that one message is doubled at most once. */
  duplicated: boolean
}

export interface MessageSpec extends DeliveryPlan {
  bodyBase64: string
  callback: DeliveryPlan | null
  failureCallback: DeliveryPlan | null
  queueName: string | null
  flowControl: FlowControlSpec | null
  labels: string[]
  callerIp: string
  scheduleId: string | null
}

/** How a URL is to be called: the part that messages and callbacks have in common. */
export interface DeliveryPlan {
  url: string
  method: string
  header: HeaderLists
  maxRetries: number
  /** An expression in milliseconds over `retried`; `null` is the default back-off. */
  retryDelay: string | null
  timeoutMs: number | null
  delayMs: number
}

export type HeaderLists = { [name: string]: string[] }

export interface FlowControlSpec {
  key: string
  parallelism: number | null
  rate: number | null
  periodSeconds: number
}

export interface FlowControl extends FlowControlSpec {
  paused: boolean
  pinnedParallelism: boolean
  pinnedRate: boolean
}

export interface DeadLetter {
  dlqId: string
  message: Message
  /** `null` when the destination never answered. */
  responseStatus: number | null
  responseHeader: HeaderLists
  responseBodyBase64: string
}

export interface Schedule {
  scheduleId: string
  cron: string
  createdAt: number
  paused: boolean
  spec: MessageSpec
  lastScheduleTime: number | null
  nextScheduleTime: number
  lastScheduleStates: { [messageId: string]: 'IN_PROGRESS' | 'SUCCESS' | 'FAIL' }
}

export interface FifoQueue {
  name: string
  parallelism: number
  paused: boolean
  createdAt: number
  updatedAt: number
}

export interface SigningKeys {
  current: string
  next: string
}

export interface Deduplication {
  id: string
  messageId: string
  expiresAt: number
}
