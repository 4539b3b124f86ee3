import { CutoverError } from '../../core/error.js'
import type { Kinds } from '../../core/program/course.js'
import { resolveAbout } from '../alerts/move.js'
import { prepareAlert } from '../alerts/raise.js'
import { autopilotOf } from '../autopilot/on-stores.js'
import { listComponents } from '../components.js'
import type { EngineContext } from '../context.js'
import { breachEvidence } from '../monitor/evidence.js'
import { latest } from '../rollback/kept.js'
import { stoppedInLedger } from '../rollback/stopped.js'
import { checkNames, weighCheck } from './checks.js'
import type { Programs, Wake } from './parts.js'

/** Path of the job route that gives a program a turn. */
export const PROGRAM_JOB_PATH = '/api/jobs/program'

/** Programs over the real stores. */
export function programsOf(context: EngineContext): Programs {
  return {
    autopilot: autopilotOf({ context }),
    kinds: () => kindsOf(context),
    checkNames: () => checkNames(context),
    async stopped() {
      const stopped = await stoppedInLedger(context)
      return stopped === null ? null : `${stopped.by} has stopped everything: ${stopped.reason}`
    },
    check: (asked) => weighCheck(context, asked),
    async breach(component, since) {
      const found = await breachEvidence(context, component, since)
      if (found === null || found.breaches === 0) return null
      return `rules of ${component} were in breach ${found.breaches} times after the phase was finished`
    },
    async rolledBack(component, since) {
      const found = await latest(context, component)
      if (found === null || found.startedAt < since) return null
      const { id, by, reason } = found
      return `${by} has rolled ${component} back (${id}): ${reason}`
    },
    alert: ({ program, phase, kind, component, message }) =>
      prepareAlert(
        context,
        { about: aboutOf(program, phase), severity: 'warning', kind, component, message },
        'programs',
      ),
    settle: (program, phase, operator) => resolveAbout(context, aboutOf(program, phase), operator),
    wake: (message) => wake(context, message),
  }
}

/** Every component there is: collections, and what was declared. */
export async function kindsOf(context: Pick<EngineContext, 'collections' | 'ledger'>): Promise<Kinds> {
  return new Map((await listComponents(context)).map(({ name, kind }) => [name, kind]))
}

function aboutOf(program: string, phase: string): string {
  return `program/${program}/${phase}`
}

async function wake({ queue }: EngineContext, { program, deduplicationId, delayMs }: Wake): Promise<void> {
  try {
    await queue.publish({
      path: PROGRAM_JOB_PATH,
      body: { program },
      deduplicationId,
      ...(delayMs > 0 ? { delaySeconds: Math.ceil(delayMs / 1000) } : {}),
    })
  } catch (error) {
    // The cron gives every program its turn whatever the queue has lost.
    if (!(error instanceof CutoverError && error.code === 'unavailable')) throw error
  }
}
