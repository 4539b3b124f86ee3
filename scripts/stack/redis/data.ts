import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorReply, type RedisBackend, type Reply } from './backends/backend.js'
import { COMMAND_BYTES_MAX, type Command, commandBytes, refusal, tooLarge } from './commands.js'
import type { Faults } from './faults.js'
import { isAuthorized, readBody, sendJson, WRONG_PASS } from './http.js'
import { parseRequest } from './parse-request.js'
import { type Answer, toAnswer } from './replies.js'
import { ScriptShas } from './script-shas.js'
import type { Stats } from './stats.js'

interface DataContext {
  token: string
  backend: RedisBackend
  faults: Faults
  stats: Stats
  state: { down: boolean }
}

/** The handler of everything but admin calls. Rejects if the backend is gone, when the outcome is not known. */
export function createDataHandler(context: DataContext) {
  const shas = new ScriptShas()
  // There is one node and nothing to catch up with, so the token only has to be there and to be stable.
  const syncToken = randomBytes(12).toString('base64')
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { stats, faults, state } = context
    stats.request()
    if (state.down) return drop(request)
    const send = (status: number, body: unknown) => stats.sent(sendJson(response, status, body))
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (!isAuthorized(request, url, context.token)) return send(401, WRONG_PASS)
    if (!METHODS.has(request.method ?? '')) return send(405, { error: 'ERR method is not allowed' })
    const body = await readBody(request)
    if (!Buffer.isBuffer(body)) {
      response.setHeader('connection', 'close') // the rest of the body is not read
      return send(400, { error: tooLarge(body.bytes) })
    }
    stats.received(body.length)
    const parsed = parseRequest(url, body)
    if (parsed.form === 'invalid') return send(400, { error: parsed.error })

    const verdict = faults.decide(parsed.commands)
    stats.faults(verdict.fired)
    if (verdict.delayMs > 0) await sleep(verdict.delayMs)
    if (state.down || verdict.ending?.kind === 'drop-before') return drop(request)
    if (verdict.ending?.kind === 'status') return send(verdict.ending.status, { error: verdict.ending.error })

    const base64 = request.headers['upstash-encoding'] === 'base64'
    const execute = parsed.form === 'multi-exec' ? executeTogether : executeEach
    const answer = await execute(context, shas, parsed.commands, verdict.errors, base64)
    if (verdict.ending?.kind === 'drop-after') return drop(request)
    response.setHeader('upstash-sync-token', syncToken)
    if (!Array.isArray(answer)) return send(400, answer)
    if (parsed.form !== 'single') return send(200, answer)
    const [only] = answer
    send(only !== undefined && 'result' in only ? 200 : 400, only)
  }
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'HEAD'])

/** A single command or a pipeline: in order, each on its own. */
async function executeEach(
  { backend, stats }: DataContext,
  shas: ScriptShas,
  commands: readonly Command[],
  errors: ReadonlyMap<number, string>,
  base64: boolean,
): Promise<Answer[]> {
  const planned = commands.map((command, index) => plan(shas, command, errors.get(index)))
  const runnable = planned.flatMap((item) => ('command' in item ? [item.command] : []))
  for (const command of runnable) stats.command(command.name)
  const replies = (await backend.run(runnable))[Symbol.iterator]()
  return planned.map((item) => {
    if ('error' in item) return item
    return toAnswer(substitute(replies.next().value ?? null, item.answer), base64)
  })
}

/** A transaction: all answers, or one error if it was discarded. */
async function executeTogether(
  { backend, stats }: DataContext,
  shas: ScriptShas,
  commands: readonly Command[],
  errors: ReadonlyMap<number, string>,
  base64: boolean,
): Promise<Answer[] | { error: string }> {
  const runnable: Command[] = []
  const answers: (string | null)[] = []
  for (const [index, command] of commands.entries()) {
    const item = plan(shas, command, errors.get(index))
    if ('error' in item) return item
    runnable.push(item.command)
    answers.push(item.answer)
  }
  for (const command of runnable) stats.command(command.name)
  const replies = await backend.transaction(runnable)
  if (replies instanceof ErrorReply) return { error: replies.message }
  return replies.map((reply, index) => toAnswer(substitute(reply, answers[index] ?? null), base64))
}

function plan(shas: ScriptShas, command: Command, fault: string | undefined) {
  const bytes = commandBytes(command)
  const error = fault ?? refusal(command) ?? (bytes > COMMAND_BYTES_MAX ? tooLarge(bytes) : null)
  return error === null ? shas.translate(command) : { error }
}

function substitute(reply: Reply, answer: string | null): Reply {
  return answer === null || reply instanceof ErrorReply ? reply : answer
}

function drop(request: IncomingMessage): void {
  request.socket.destroy()
}
