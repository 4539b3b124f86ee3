import type { Gate } from '../../core/failing/gate.js'
import { notSentReason } from '../../core/failing/not-sent.js'
import type { Pacer } from './pacer.js'

/**
 * What keeps the load of one instance on the database within bounds: how many requests are under way at once, and how
 * many commands are sent in a second. Whoever cannot be let in within the time that one waits fails before anything was
 * sent, and is told so (`core/failing/not-sent.ts`).
 *
 * Commands are counted as Upstash bills them: each of a pipeline is one, and so is a script, whatever it does inside.
 */
export interface RedisLimits {
  gate?: Gate
  commands?: CommandLimits | null
}

export interface CommandLimits {
  perSecondMax: number
  /** Commands at once after a pause. */
  burst: number
  /** How long a command waits for its turn, in milliseconds. */
  waitMs: number
}

/** Sends one body; answers what the server sent, refusals too, and throws when there is no answer. */
export type Send = (path: string[], body: unknown, verb: string) => Promise<unknown>

export interface Limited {
  send: Send
  /** For those that give way to the others. */
  sendLater: Send
}

/** Without limits it is the sending itself: nothing is loaded, and nothing costs time. */
export async function limited(send: Send, { gate, commands }: RedisLimits = {}): Promise<Limited> {
  const gated: Send = gate === undefined ? send : (path, body, verb) => gate.pass(() => send(path, body, verb))
  if (commands === undefined || commands === null) return { send: gated, sendLater: gated }
  const { openPacer } = await import('./pacer.js')
  const pacer = openPacer(commands)
  return { send: paced(gated, pacer, 'first'), sendLater: paced(gated, pacer, 'later') }
}

function paced(send: Send, pacer: Pacer, turn: 'first' | 'later'): Send {
  return async (path, body, verb) => {
    await pacer.take(commandsIn(path, body), turn)
    return await send(path, body, verb)
  }
}

/** Counts beside the answer, not before it: nothing waits for the count. What was never sent is taken off again. */
export function counting(send: Send, count: (commands: number) => void): Send {
  return (path, body, verb) => {
    const commands = commandsIn(path, body)
    count(commands)
    const answer = send(path, body, verb)
    answer.catch((error: unknown) => {
      if (notSentReason(error) !== null) count(-commands)
    })
    return answer
  }
}

function commandsIn(path: readonly string[], body: unknown): number {
  return path[0] === 'pipeline' && Array.isArray(body) ? body.length : 1
}
