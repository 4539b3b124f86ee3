import type { Message } from './model.js'

/** What filters look at beside the message. */
export interface FilterSubject {
  message: Message
  time: number
  dlqId?: string
  responseStatus?: number | null
  state?: string
}

/** A filter named by query parameters: several values of one name are alternatives, several names must all hold. */
export function matches(query: URLSearchParams, subject: FilterSubject): boolean {
  for (const [name, valuesOf] of filters) {
    const wanted = query.getAll(name)
    if (wanted.length > 0 && !valuesOf(subject).some((value) => wanted.includes(value))) return false
  }
  const from = query.get('fromDate')
  const to = query.get('toDate')
  return (from === null || subject.time >= Number(from)) && (to === null || subject.time <= Number(to))
}

/** The next `count` items after `cursor`, and the cursor to go on with when there are more. */
export function page<T>(
  items: readonly T[],
  query: URLSearchParams,
  idOf: (item: T) => string,
): { items: T[]; cursor?: string } {
  const count = Math.min(Number(query.get('count') ?? pageDefault) || pageDefault, pageMax)
  const cursor = query.get('cursor')
  const start = cursor ? items.findIndex((item) => idOf(item) === cursor) + 1 : 0
  const chosen = items.slice(start, start + count)
  const last = chosen.at(-1)
  return start + count < items.length && last !== undefined ? { items: chosen, cursor: idOf(last) } : { items: chosen }
}

const filters: ReadonlyMap<string, (subject: FilterSubject) => string[]> = new Map([
  ['messageId', ({ message }: FilterSubject) => [message.messageId]],
  ['messageIds', ({ message }: FilterSubject) => [message.messageId]],
  ['url', ({ message }: FilterSubject) => [message.url]],
  ['host', ({ message }: FilterSubject) => [new URL(message.url).host]],
  ['path', ({ message }: FilterSubject) => [new URL(message.url).pathname]],
  ['callerIp', ({ message }: FilterSubject) => [message.callerIp]],
  ['label', ({ message }: FilterSubject) => message.labels],
  ['flowControlKey', ({ message }: FilterSubject) => known(message.flowControl?.key)],
  ['scheduleId', ({ message }: FilterSubject) => known(message.scheduleId)],
  ['queueName', ({ message }: FilterSubject) => known(message.queueName)],
  ['dlqIds', ({ dlqId }: FilterSubject) => known(dlqId)],
  ['responseStatus', ({ responseStatus }: FilterSubject) => known(responseStatus)],
  ['state', ({ state }: FilterSubject) => known(state)],
  // There are no URL groups and no APIs here, so nothing can match these.
  ['topicName', () => []],
  ['api', () => []],
])

function known(value: string | number | null | undefined): string[] {
  return value === null || value === undefined ? [] : [String(value)]
}

const pageDefault = 100
const pageMax = 1000
