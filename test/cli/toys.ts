import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { z } from 'zod'
import { type CliParts, runCli } from '../../lib/cli/cli.js'
import type { Output } from '../../lib/cli/terminal.js'
import { command } from '../../lib/commands/command.js'
import { CutoverError } from '../../lib/core/error.js'
import { createApp } from '../../lib/http/app.js'
import { tokenAuthorizer } from '../../lib/http/authorize.js'
import { controlRoutes } from '../../lib/http/control.js'
import { KeptLog } from '../http/harness.js'

/** What the toy commands were called with, and what they answer. */
interface Toys {
  calls: { verb: string; input: unknown; by: string }[]
  /** Answers of `run`, in turn; the last one again and again. An error is thrown. */
  runs: (RunAnswer | CutoverError)[]
  look: unknown
}
interface RunAnswer {
  id: string
  kind: string
  collection: string
  status: string
  progress: { done: number; total: number | null; perSecond: number | null; secondsLeft: number | null }
  counters: { [name: string]: number }
  reason: string | null
}

export const SECRETS = { admin: 'secret-of-admin', operator: 'secret-of-operator', viewer: 'secret-of-viewer' }

const look = command({
  name: 'look',
  summary: 'Shows the toys.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/toys' },
  input: z.object({
    limit: z.number().int().min(1).max(200).default(10).describe('How many'),
    colours: z.array(z.string()).optional(),
    broken: z.boolean().optional(),
  }),
  output: z.unknown(),
  run: async (context: Toys, input, caller) => {
    context.calls.push({ verb: 'look', input, by: caller.name })
    return context.look
  },
})

const paint = command({
  name: 'paint',
  summary: 'Paints a toy.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/toys/{toy}/parts/{partNumber}/paint' },
  input: z.strictObject({
    toy: z.string(),
    partNumber: z.number().int(),
    reason: z.string().min(3).describe('Why, for the audit trail'),
    baseColour: z.enum(['red', 'blue']).optional(),
    coats: z.number().max(5).nullable().optional(),
    glossy: z.boolean().default(true),
    tags: z.array(z.string()).optional(),
    sizes: z.array(z.number()).optional(),
    pattern: z.object({ dots: z.number() }).optional(),
    mark: z.union([z.boolean(), z.number(), z.string()]).optional(),
  }),
  output: z.union([
    z.object({ kind: z.literal('painted'), toy: z.string() }),
    z.object({ kind: z.literal('refused'), reason: z.literal('still-wet'), dryInSeconds: z.number() }),
  ]),
  run: async (context: Toys, input, caller) => {
    context.calls.push({ verb: 'paint', input, by: caller.name })
    if (input.toy === 'absent') throw new CutoverError('not-found', 'There is no such toy.')
    if (input.toy === 'stuck') throw new CutoverError('unavailable', 'The store cannot answer.')
    if (input.toy === 'bug') throw new TypeError('a payload in a message')
    if (input.toy === 'odd') throw new CutoverError('invalid-input', 'It cannot be painted on \u001b[31mSundays.')
    if (input.toy === 'wet') return { kind: 'refused' as const, reason: 'still-wet' as const, dryInSeconds: 60 }
    return { kind: 'painted' as const, toy: input.toy }
  },
})

const melt = command({
  name: 'melt',
  summary: 'Melts a toy down.',
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'DELETE', path: '/toys/{toy}' },
  input: z.strictObject({ toy: z.string() }),
  output: z.object({ melted: z.string() }),
  run: async (context: Toys, input, caller) => {
    context.calls.push({ verb: 'melt', input, by: caller.name })
    return { melted: input.toy }
  },
})

const copy = command({
  name: 'copy',
  summary: 'Starts to copy all toys.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/toys/copy' },
  input: z.strictObject({}),
  output: z.object({ runId: z.string() }),
  run: async () => ({ runId: 'run-1' }),
})

const run = command({
  name: 'run',
  summary: 'Shows a run.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/runs/{runId}' },
  input: z.object({ runId: z.string() }),
  output: z.unknown(),
  run: async (context: Toys) => {
    const answer = context.runs.length > 1 ? context.runs.shift() : context.runs[0]
    if (answer === undefined || answer instanceof CutoverError) throw answer ?? new CutoverError('not-found', 'No run.')
    return answer
  },
})

const toyCommands = [look, paint, melt, copy, run]

/** A server with the toys on a real port. */
export async function toyServer() {
  const toys: Toys = { calls: [], runs: [], look: [] }
  let ids = 0
  const authorizer = tokenAuthorizer({
    adminToken: SECRETS.admin,
    operatorToken: SECRETS.operator,
    viewerToken: SECRETS.viewer,
  })
  const app = createApp({
    control: controlRoutes({ commands: toyCommands, context: toys, authorizer }),
    health: async () => ({ healthy: true, issues: [] }),
    clock: { id: () => `request-${++ids}` },
    log: new KeptLog(),
  })
  return { toys, ...(await listen(app.fetch)) }
}

export async function listen(fetch: (request: Request) => Response | Promise<Response>) {
  const { server, port } = await new Promise<{ server: ReturnType<typeof serve>; port: number }>((resolve) => {
    const started = serve({ fetch, hostname: '127.0.0.1', port: 0 }, (info: AddressInfo) =>
      resolve({ server: started, port: info.port }),
    )
  })
  const close = () => new Promise<void>((done) => server.close(() => done()))
  return { url: `http://127.0.0.1:${port}`, close }
}

export interface Setting {
  url: string
  tokens?: Partial<typeof SECRETS>
  /** Both outputs are a terminal. */
  tty?: boolean
  /** What is typed when asked; without it nobody can be asked. */
  typed?: string
  files?: { [path: string]: string }
  parts?: Partial<CliParts>
}

/** Runs the CLI and keeps what it wrote; everything it writes is searched for tokens. */
export async function cutover(setting: Setting, ...args: string[]) {
  const tokens = setting.tokens ?? { admin: SECRETS.admin }
  const out = keptOutput(setting.tty === true)
  const err = keptOutput(setting.tty === true)
  const questions: string[] = []
  let nowMs = 0
  const exit = await runCli(args, {
    commands: toyCommands,
    env: {
      CUTOVER_URL: setting.url,
      CUTOVER_ADMIN_TOKEN: tokens.admin,
      CUTOVER_OPERATOR_TOKEN: tokens.operator,
      CUTOVER_VIEWER_TOKEN: tokens.viewer,
    },
    terminal: {
      out,
      err,
      interactive: setting.typed !== undefined,
      ask: async (question) => {
        questions.push(question)
        return setting.typed ?? ''
      },
    },
    clock: {
      monotonic: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms
      },
    },
    fetch,
    readFile: async (path) => {
      const text = setting.files?.[path]
      if (text === undefined) throw new Error(`ENOENT ${path}`)
      return text
    },
    version: '9.8.7',
    ...setting.parts,
  })
  for (const secret of Object.values(SECRETS)) {
    if ((out.text() + err.text()).includes(secret)) throw new Error('A token was printed.')
  }
  return { exit, out: out.text(), err: err.text(), questions, sleptMs: nowMs }
}

export function keptOutput(isTTY: boolean, columns = 100): Output & { text(): string } {
  let kept = ''
  return {
    isTTY,
    columns,
    write(text) {
      kept += text
    },
    text: () => kept,
  }
}
