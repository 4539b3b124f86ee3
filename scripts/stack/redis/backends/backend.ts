import type { Command } from '../commands.js'

/** A Redis that executes commands. A reply with an error is a reply; a rejection means that the backend is gone. */
export interface RedisBackend {
  readonly kind: 'embedded' | 'redis-server'
  /** Executes in order, each on its own; others' commands may come between. One reply for each command. */
  run(commands: readonly Command[]): Promise<Reply[]>
  /** Executes all with nothing in between, or none: then the error that says why. */
  transaction(commands: readonly Command[]): Promise<Reply[] | ErrorReply>
  /** Makes everything durable that can be, and stops what was started. */
  close(): Promise<void>
}

export type Reply = null | number | string | Buffer | ErrorReply | Reply[]

/** A Redis error, with its code: `WRONGTYPE Operation against ...`. */
export class ErrorReply {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}
