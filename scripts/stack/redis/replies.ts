import { ErrorReply, type Reply } from './backends/backend.js'
import { COMMAND_BYTES_MAX, tooLarge } from './commands.js'

/** One answer as Upstash writes it. */
export type Answer = { result: JsonReply } | { error: string }
type JsonReply = null | number | string | JsonReply[]

/**
 * Puts a reply into the JSON of the REST protocol. With `base64` every string is encoded, at any depth, but for a
 * top-level "OK"; error texts never are.
 */
export function toAnswer(reply: Reply, base64: boolean): Answer {
  if (reply instanceof ErrorReply) return { error: reply.message }
  const bytes = replyBytes(reply)
  if (bytes > COMMAND_BYTES_MAX) return { error: tooLarge(bytes) }
  if (isText(reply) && reply.toString() === 'OK') return { result: 'OK' }
  return { result: toJson(reply, base64) }
}

function toJson(reply: Reply, base64: boolean): JsonReply {
  if (Array.isArray(reply)) return reply.map((item) => toJson(item, base64))
  // An error inside an array, as a script can return one, has no form of its own in the protocol.
  const plain = reply instanceof ErrorReply ? reply.message : reply
  if (!isText(plain)) return plain
  return Buffer.from(plain).toString(base64 ? 'base64' : 'utf8')
}

/** Bytes of the strings in a reply; the limit of a command applies to its result as well. */
function replyBytes(reply: Reply): number {
  if (Array.isArray(reply)) return reply.reduce<number>((sum, item) => sum + replyBytes(item), 0)
  return isText(reply) ? Buffer.byteLength(reply) : 0
}

function isText(reply: Reply): reply is string | Buffer {
  return typeof reply === 'string' || Buffer.isBuffer(reply)
}
