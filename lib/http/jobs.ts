import { type Context, Hono } from 'hono'
import { CutoverError } from '../core/error.js'
import { readText } from './body.js'

export interface JobParts {
  /** Whether QStash signed this body for this path. */
  verify: (delivery: {
    signature: string | undefined
    body: string
    path: string
  }) => Promise<{ kind: 'genuine' } | { kind: 'forged'; reason: string }>
  workRun: (message: { runId: string; step: number }) => Promise<{ kind: string }>
  /** One turn of a program. Absent: there are none. */
  workProgram?: (message: { program: string }) => Promise<{ kind: string }>
  /** What the cron does, for deployments whose cron comes too seldom: a schedule of the queue calls it. */
  tick: () => Promise<object>
}

/** Deliveries are small: a run's id and step, or a program's name. */
const JOB_BYTES_MAX = 64 * 1024

/**
 * Deliveries of the queue. Only what the queue signed for this path and body is looked at; a repeated delivery is
 * genuine too, and the work itself bears it. 503 asks the queue to deliver again; 489 tells it not to.
 */
export function jobRoutes({ verify, workRun, workProgram, tick }: JobParts): Hono {
  const app = new Hono()
  const genuineBody = async (c: Context): Promise<string> => {
    const body = await readText(c.req.raw, JOB_BYTES_MAX, { exact: true })
    const verdict = await verify({ signature: c.req.header('upstash-signature'), body, path: c.req.path })
    if (verdict.kind === 'genuine') return body
    throw new CutoverError('unauthenticated', 'This is not a delivery that our queue has signed for this path.', {
      details: { reason: verdict.reason },
    })
  }
  app.post('/api/jobs/tick', async (c) => {
    await genuineBody(c)
    return c.json(await tick())
  })
  app.post('/api/jobs/run', async (c) => {
    const body = await genuineBody(c)
    const message = runMessageOf(parsed(body))
    if (message === null) {
      // Signed by our queue, and still not a message of ours: another delivery would be no better.
      c.header('Upstash-NonRetryable-Error', 'true')
      return c.json({ kind: 'refused', reason: 'not-a-run-message' }, 489 as 400)
    }
    const { kind } = await workRun(message)
    return c.json({ kind })
  })
  if (workProgram !== undefined)
    app.post('/api/jobs/program', async (c) => {
      const program = programOf(parsed(await genuineBody(c)))
      if (program === null) {
        c.header('Upstash-NonRetryable-Error', 'true')
        return c.json({ kind: 'refused', reason: 'not-a-program-message' }, 489 as 400)
      }
      const { kind } = await workProgram({ program })
      return c.json({ kind })
    })
  return app
}

function programOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('program' in body)) return null
  const { program } = body
  return typeof program === 'string' && program !== '' && program.length <= RUN_ID_CHARS_MAX ? program : null
}

const RUN_ID_CHARS_MAX = 100

function runMessageOf(body: unknown): { runId: string; step: number } | null {
  if (typeof body !== 'object' || body === null || !('runId' in body && 'step' in body)) return null
  const { runId, step } = body
  if (typeof runId !== 'string' || runId === '' || runId.length > RUN_ID_CHARS_MAX) return null
  return Number.isSafeInteger(step) && Number(step) > 0 ? { runId, step: Number(step) } : null
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
