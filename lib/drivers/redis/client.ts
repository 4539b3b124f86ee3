import { CutoverError } from '../../core/error.js'
import { faultOfReply, noAnswer } from './fault.js'
import { counting, type Limited, limited, type RedisLimits, type Send } from './limit.js'
import { sha1Hex } from './sha1.js'
import { inOneTick, type Waiting } from './tick.js'

/**
 * Redis over HTTP, as Upstash serves it. Every call is one request, sent once.
 *
 * It is strict where the SDK is kind: nothing is resent (a lost answer would run a write twice), calls of one tick are
 * gathered only where it is asked for, and strings come back as they were stored (`"42"` stays text).
 *
 * - Commands of a pipeline run in order, but others may run in between, and each fails on its own.
 * - A script is atomic and runs where writes run. A plain read of a database with replicas may be answered by one that
 *   lags behind; only what a script reads is certain.
 * - A call that throws `unavailable` may have taken effect and may yet do so, for as long as the network can delay it.
 * - Errors name the command and the kind of refusal, never keys, arguments or values.
 */
export interface RedisClient {
  /** Throws `unavailable` (no answer, or the database is not serving), `too-large`, or `internal` (a wrong command). */
  command(args: readonly Arg[]): Promise<unknown>
  /** One reply for each command, in order, at most 1,000. Throws like `command` only if the whole request failed. */
  pipeline(commands: readonly (readonly Arg[])[]): Promise<Reply[]>
  /**
   * A Lua script; its text is sent only when the server does not have it. `together`: small runs of one tick are one
   * request, in the order of the calls. Each is still atomic and fails on its own, but a lost answer is that of all.
   */
  script(text: string, options?: { together?: boolean }): Script
}

export type Arg = string | number

export type Reply = { result: unknown } | { error: CutoverError }

export interface Script {
  /** Integers come back as numbers, other values as text, `false` as `null`, tables as arrays. */
  run(keys: readonly string[], args: readonly string[]): Promise<unknown>
}

export interface RedisClientOptions {
  url: string
  token: string
  /** Longest wait for one answer, in milliseconds. */
  timeoutMs?: number
  limits?: RedisLimits
}

const TIMEOUT_MS = 2_000
const PIPELINE_COMMANDS_MAX = 1_000
/** Runs of scripts that are gathered into one request, and the characters of each: half a million in all. */
const TOGETHER_MAX = 64
const TOGETHER_CHARS_MAX = 8_000

export function redisClient(options: RedisClientOptions): RedisClient {
  return redisClients(options).client
}

export interface RedisClients {
  client: RedisClient
  patient: RedisClient
  /** The same two, with every command that they send counted, as it is billed. */
  metered(count: (commands: number) => void): { client: RedisClient; patient: RedisClient }
}

/**
 * Two clients of one database, under one limit: where commands have to wait for their turn, those of `patient` wait until
 * nobody else does, and longer.
 */
export function redisClients(options: RedisClientOptions): RedisClients {
  const { url, token, timeoutMs = TIMEOUT_MS, limits } = options
  checkAddress(url, token)
  let opening: Promise<Limited> | undefined
  const opened = (): Promise<Limited> => {
    opening ??= open(url, token, timeoutMs).then((send) => limited(send, limits))
    return opening
  }
  const clients = (through: (send: Send) => Send): { client: RedisClient; patient: RedisClient } => {
    let counted: Promise<Limited> | undefined
    const ready = (): Promise<Limited> => {
      counted ??= opened().then(({ send, sendLater }) => ({ send: through(send), sendLater: through(sendLater) }))
      return counted
    }
    return {
      client: clientOver(async () => (await ready()).send),
      patient: clientOver(async () => (await ready()).sendLater),
    }
  }
  return { ...clients((send) => send), metered: (count) => clients((send) => counting(send, count)) }
}

function clientOver(opened: () => Promise<Send>): RedisClient {
  async function ask(args: readonly Arg[]): Promise<WireReply> {
    return replyOf(await (await opened())([], args, verbOf(args)))
  }
  async function command(args: readonly Arg[]): Promise<unknown> {
    return resultOf(await ask(args), verbOf(args))
  }
  const gathered = inOneTick(TOGETHER_MAX, (runs: readonly Run[]) => runTogether(runs, ask, opened))
  function askTogether(args: readonly Arg[]): Promise<WireReply> {
    const chars = args.reduce<number>((sum, arg) => sum + String(arg).length, 0)
    return chars > TOGETHER_CHARS_MAX ? ask(args) : gathered(args)
  }
  return {
    command,
    async pipeline(commands) {
      if (commands.length === 0) return []
      if (commands.length > PIPELINE_COMMANDS_MAX)
        throw new CutoverError('too-large', `A Redis pipeline takes at most ${PIPELINE_COMMANDS_MAX} commands.`)
      const answer = await (await opened())(['pipeline'], commands, 'pipeline')
      if (!Array.isArray(answer)) throw wholeFault(answer)
      if (answer.length !== commands.length) throw noAnswer('pipeline')
      return answer.map((part: unknown, at) => settled(replyOf(part), verbOf(commands[at] ?? [])))
    },
    script(text, { together = false } = {}) {
      const send = together ? askTogether : ask
      let digest: Promise<string> | undefined
      return {
        async run(keys, args) {
          digest ??= sha1Hex(text)
          const rest = [keys.length, ...keys, ...args]
          const reply = await send(['EVALSHA', await digest, ...rest])
          // NOSCRIPT is the server's word that nothing ran, so sending the text is not a resend.
          if ('error' in reply && reply.error.startsWith('NOSCRIPT')) return command(['EVAL', text, ...rest])
          return resultOf(reply, 'EVALSHA')
        },
      }
    },
  }
}

type WireReply = { result: unknown } | { error: string }

type Run = Waiting<readonly Arg[], WireReply>

/** One that is alone is sent as it is. Without an answer to all of them nobody knows which have run. */
async function runTogether(
  runs: readonly Run[],
  ask: (args: readonly Arg[]) => Promise<WireReply>,
  opened: () => Promise<Send>,
): Promise<void> {
  const [first] = runs
  if (first !== undefined && runs.length === 1) return ask(first.asked).then(first.resolve, first.reject)
  try {
    const commands = runs.map(({ asked }) => asked)
    const answer = await (await opened())(['pipeline'], commands, 'pipeline')
    if (!Array.isArray(answer)) throw wholeFault(answer)
    if (answer.length !== runs.length) throw noAnswer('pipeline')
    for (const [at, { resolve }] of runs.entries()) resolve(replyOf(answer[at]))
  } catch (error) {
    // Too much of them together says nothing of any one.
    const tooLarge = error instanceof CutoverError && error.code === 'too-large'
    for (const { reject } of runs) reject(tooLarge ? noAnswer('pipeline', error) : error)
  }
}

async function open(url: string, token: string, timeoutMs: number): Promise<Send> {
  const { Redis, errors } = await import('@upstash/redis')
  /** The SDK's transport, open to any command: its own methods would parse and reshape replies. */
  class Wire extends Redis {
    send(path: string[], body: unknown, signal: AbortSignal): Promise<unknown> {
      return this.client.request({ path, body, signal })
    }
  }
  const wire = new Wire({
    url,
    token,
    retry: { retries: 0 },
    enableAutoPipelining: false,
    automaticDeserialization: false,
    enableTelemetry: false,
    // All that is stored here is text. The SDK's decoding of base64 would drop a leading byte order mark.
    responseEncoding: false,
  })
  return async (path, body, verb) => {
    // Not AbortSignal.timeout: those of all the requests that were answered in time would fire later.
    const ending = new AbortController()
    const timer = setTimeout(() => ending.abort(), timeoutMs)
    let answer: unknown
    try {
      answer = await wire.send(path, body, ending.signal)
    } catch (cause) {
      // The message of an SDK error holds the whole command or the whole answer: it goes no further.
      if (cause instanceof errors.UpstashJSONParseError) throw noAnswer(verb)
      if (cause instanceof errors.UpstashError) return { error: cause.message.split(', command was: ')[0] }
      throw noAnswer(verb, cause)
    } finally {
      clearTimeout(timer)
    }
    // What is aborted before its answer the SDK answers itself, with the reason as a result.
    if (ending.signal.aborted) throw noAnswer(verb)
    return answer
  }
}

/** What the SDK and fetch would refuse only later, in messages that repeat the URL or the token. */
function checkAddress(url: string, token: string): void {
  const parsed = /^https?:\/\/[^\s#$./?].\S*$/.test(url) && URL.canParse(url) ? new URL(url) : null
  if (parsed === null || parsed.username !== '' || parsed.password !== '')
    throw new CutoverError('configuration', 'The Redis URL is not of the form https://host, without credentials.')
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new CutoverError('configuration', 'The Redis token is empty or has characters that no header can carry.')
}

/** An answer that is neither a result nor an error is no answer: some proxy spoke, or the body was cut. */
function replyOf(part: unknown): WireReply {
  if (typeof part === 'object' && part !== null) {
    if ('error' in part && typeof part.error === 'string') return { error: part.error }
    if ('result' in part) return { result: part.result }
  }
  return { error: '' }
}

function resultOf(reply: WireReply, verb: string): unknown {
  if ('error' in reply) throw faultOfReply(reply.error, verb)
  return reply.result
}

function settled(reply: WireReply, verb: string): Reply {
  return 'error' in reply ? { error: faultOfReply(reply.error, verb) } : reply
}

function wholeFault(answer: unknown): CutoverError {
  const reply = replyOf(answer)
  return 'error' in reply ? faultOfReply(reply.error, 'pipeline') : noAnswer('pipeline')
}

function verbOf(args: readonly Arg[]): string {
  return String(args[0] ?? 'an empty command')
}
