import { CutoverError } from '../../core/error.js'
import { type PlanState, stepOf } from '../../core/plan/state.js'
import { soakLeftMs } from '../../core/plan/weigh.js'
import { advanceProgram } from '../../core/program/advance.js'
import type { ProgramNote, ProgramState } from '../../core/program/state.js'
import { isAtWork, planOf } from '../../core/program/state.js'
import { type TickResult, tick as tickPlan } from '../autopilot/tick.js'
import { sideBySide } from '../side-by-side.js'
import { carryOut } from './carry-out.js'
import { commitProgram, type KeptProgram, readProgram } from './kept.js'
import { look, type Seen } from './look.js'
import type { Programs } from './parts.js'

/**
 * One turn of a program, called by cron and queue as often as they like, also twice at once: looks at the plans of the
 * phases at work, records what has become of them, begins what may begin, gives every plan its turn, and asks the queue
 * for the next turn if there is something to do at once.
 *
 * What can go wrong, and what comes of it:
 * - A crash at any moment. What a phase is to do is committed before anything is done, and what is done is asked for
 *   by names that are made from the committed state (a plan's name holds the phase and its attempt): the next turn does
 *   the rest, and nothing twice.
 * - Two turns at once. Of two commits from one revision one succeeds; the other turn ends and has changed nothing.
 * - A delivery that is repeated, late or out of order says nothing but "look": so does a cron that comes too often. One
 *   that is lost is made up for by the next cron.
 * - A ledger that does not answer: the turn throws, and what it had committed stands.
 * What cannot: a phase that begins before all that it depends on is done, or an attempt that is begun twice.
 */
export async function tickProgram(programs: Programs, name: string, deadlineAt: number): Promise<ProgramTick> {
  const { clock, ledger } = programs.autopilot
  const results: { [phase: string]: PhaseTick } = {}
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const kept = await readProgram(ledger, name)
    if (kept.state.status !== 'running') return { kind: 'rests', status: kept.state.status, phases: results }
    const why = await programs.stopped()
    if (why !== null) return { kind: 'held', why, status: kept.state.status, phases: results }
    const seen = await look(programs, kept.state)
    const advanced = await advance(programs, kept, seen)
    if (advanced === null) return { kind: 'overtaken', status: kept.state.status, phases: results }
    await carryOut(programs, advanced, results)
    const isMoving = await tickPlans(programs, advanced.state, seen, deadlineAt, results)
    const changed = advanced.revision !== kept.revision
    const isLast = round === ROUNDS_MAX - 1 || clock.now() >= deadlineAt
    if (isLast || (!changed && !isMoving)) {
      await wake(programs, name, isLast && (changed || isMoving))
      const { status } = (await readProgram(ledger, name)).state
      return { kind: 'worked', status, phases: results }
    }
  }
  throw new CutoverError('internal', 'A turn of a program has ended nowhere.')
}

export type ProgramTick = {
  status: ProgramState['status']
  /** What became of the phases at work. */
  phases: { [phase: string]: PhaseTick }
} & ({ kind: 'worked' | 'rests' | 'overtaken' } | { kind: 'held'; why: string })

export type PhaseTick = TickResult | { kind: 'failed'; code: string } | { kind: 'waits-to-begin'; why: string }

/** A plan that ends, what begins then, and its first action; the rest is for the next turn. */
const ROUNDS_MAX = 4

/** What was seen, recorded. `null`: somebody else was faster. */
async function advance(programs: Programs, kept: KeptProgram, seen: Seen): Promise<KeptProgram | null> {
  const { ledger, clock } = programs.autopilot
  const { state, notes } = advanceProgram(kept.state, seen.phases, clock.now())
  if (notes.length === 0) return kept
  // In one commit, so that neither is without the other.
  const alerts = (await sideBySide(notes, (note) => alertOf(programs, state, note))).flat()
  const entries = alerts.flatMap((alert) => alert.entries)
  const changes = alerts.flatMap((alert) => alert.changes)
  const committed = await commitProgram(ledger, kept, state, notes, { entries, changes })
  if (committed !== null) for (const { told } of alerts) told()
  return committed
}

async function alertOf(programs: Programs, { program }: ProgramState, { kind, phase: name, reason }: ProgramNote) {
  const phase = program.phases.find((one) => one.name === name)
  const [component] = phase?.components ?? []
  if (phase === undefined || component === undefined || (kind !== 'phase-turning-back' && kind !== 'phase-failed'))
    return []
  const what = kind === 'phase-failed' ? 'has failed' : 'is turned back'
  const message = `The phase ${name} of the program ${program.name} ${what}: ${reason}`
  const told = kind === 'phase-failed' ? 'program-failed' : 'plan-turned-back'
  return [await programs.alert({ program: program.name, phase: phase.name, component, kind: told, message })]
}

/** Every plan at work takes its turn. Answers whether any has more to do at once. */
async function tickPlans(
  programs: Programs,
  { program, phases }: ProgramState,
  seen: Seen,
  deadlineAt: number,
  results: { [phase: string]: PhaseTick },
): Promise<boolean> {
  const { clock } = programs.autopilot
  const atWork = Object.entries(phases).filter(
    ([name, phase]) =>
      (phase.status === 'running' || phase.status === 'turning-back') && results[name]?.kind !== 'waits-to-begin',
  )
  const moving = await sideBySide(
    atWork,
    async ([name, { attempt }]) => {
      const before = seen.plans[name]?.state.status
      if (before === 'finished' || before === 'failed') return true
      const budgetMs = deadlineAt - clock.now()
      if (budgetMs <= 0) return true
      const plan = planOf(program.name, name, attempt)
      const result = await tickPlan(programs.autopilot, plan, { budgetMs }).catch(failed)
      results[name] = result
      return result.kind === 'advanced' || result.kind === 'finished' || turnedBack(result, before)
    },
    PLANS_AT_ONCE,
  )
  return moving.includes(true)
}

const PLANS_AT_ONCE = 4

function turnedBack(result: PhaseTick, before: PlanState['status'] | undefined): boolean {
  return result.kind === 'rests' && result.status !== before
}

function failed(error: unknown): PhaseTick {
  if (!(error instanceof CutoverError)) throw error
  return { kind: 'failed', code: error.code }
}

/**
 * Asks the queue for the next turn: at once if this one was broken off with work left, else when the next soak time is
 * over, if that is soon. The id is made from the revisions, so that turns at once ask for one message.
 */
async function wake(programs: Programs, name: string, atOnce: boolean): Promise<void> {
  const { clock, ledger } = programs.autopilot
  const kept = await readProgram(ledger, name)
  if (kept.state.status !== 'running') return
  const { plans } = await look(programs, kept.state)
  const revision = Object.values(plans).reduce((sum, plan) => sum + plan.revision, kept.revision)
  if (atOnce) return programs.wake({ program: name, deduplicationId: `program-${name}-${revision}`, delayMs: 0 })
  for (const [phase, { state }] of Object.entries(plans)) {
    const held = kept.state.phases[phase]
    if (held === undefined || !isAtWork(held) || state.status !== 'running') continue
    const leftMs = soakLeftMs(state, clock.now())
    if (leftMs <= 0 || leftMs > WAKE_WITHIN_MS || stepOf(state).soakMs === 0) continue
    const deduplicationId = `soak-${state.plan.name}-${state.entry}`
    await programs.wake({ program: name, deduplicationId, delayMs: leftMs })
  }
}

/** A soak time that ends later is left to the cron. */
const WAKE_WITHIN_MS = 10 * 60_000
