import { CutoverError, type ErrorCode } from '../core/error.js'
import { backOffMost } from '../core/failing/back-off.js'
import { type Answer, type ClientParts, callCommand } from './client.js'
import { failureOf } from './failure.js'
import type { ProgressView } from './progress.js'
import { isOver, type Run, runSchema } from './run.js'

/**
 * Watches a run until it is over. The run does not depend on being watched: what is lost here is only the view of it.
 * A server that cannot answer for a moment (a deployment, a network) is asked again; a paused run is waited for.
 */
export async function followRun(parts: FollowParts, runId: string): Promise<Followed> {
  let faults = 0
  for (let poll = 0; poll < POLLS_MAX; poll++) {
    const answer = await callCommand(parts, RUN_QUERY, { runId })
    const run = answer.kind === 'done' ? runSchema.safeParse(answer.result) : null
    if (run?.success === true) {
      faults = 0
      parts.view.show(run.data)
      if (isOver(run.data)) return { kind: 'over', run: run.data }
    } else if (answer.kind === 'failed' && answer.failure.transient && faults < FAULTS_MAX) faults++
    else return { kind: 'lost', answer: run === null ? answer : NOT_A_RUN }
    await parts.clock.sleep(backOffMost({ attempt: faults, ...POLL }))
  }
  return { kind: 'lost', answer: TOO_LONG }
}

export interface FollowParts extends ClientParts {
  view: ProgressView
  clock: { sleep(ms: number): Promise<void> }
}

export type Followed = { kind: 'over'; run: Run } | { kind: 'lost'; answer: Answer }

/** Not by chance: one person watches, and is promised how long a server that is away is waited for. */
const POLL = { baseMs: 1_000, capMs: 32_000 }
/** A week of polls. */
const POLLS_MAX = 7 * 24 * 3600
/** Faults in a row that are waited out, each twice as long: a minute together. */
const FAULTS_MAX = 5

const RUN_QUERY = { http: { method: 'GET', path: '/runs/{runId}' }, role: 'viewer', readOnly: true } as const

const NOT_A_RUN = fault('corrupt-document', 'The answer does not describe a run.')
const TOO_LONG = fault('unavailable', 'The run is not over after a week of looking at it.')

function fault(code: ErrorCode, message: string): Answer {
  return { kind: 'failed', failure: failureOf(new CutoverError(code, message)) }
}
