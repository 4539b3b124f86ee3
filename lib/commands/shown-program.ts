import type * as z from 'zod'
import type { PhaseReport, ProgramReport } from '../engine/programs/status.js'
import type { programShape } from './programs.js'

type Shown = z.input<typeof programShape>

/** A program as operators see it: where each phase stands, what it waits for, and what was decided. */
export function shownProgram({ state, phases }: ProgramReport): Shown {
  const { program, status, because, startedAt, endedAt, history } = state
  return {
    name: program.name,
    status,
    because,
    parallel: program.parallel,
    timeScale: program.timeScale,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: textOf(endedAt),
    waiting: waitingOf(state, phases),
    phases: phases.map(shownPhase),
    history: history.map(({ kind, at, by, phase, reason }) => ({
      ...{ kind, at: new Date(at).toISOString(), by, phase, reason },
    })),
  }
}

/** A phase that needs somebody comes before one that goes on by itself. */
function waitingOf(
  { status, because, startedAt, history }: ProgramReport['state'],
  phases: PhaseReport[],
): Shown['waiting'] {
  if (status === 'finished' || status === 'cancelled') return null
  const open = phases.filter(({ waitsFor }) => waitsFor.length > 0)
  const since = history.at(-1)?.at ?? startedAt
  if (status !== 'running') {
    const why = because === null ? '' : `: ${because}`
    const inWords = `an operator who resumes or retries it; it is ${status}${why}`
    return { gate: 'operator', about: null, inWords, since: iso(since), more: open.length }
  }
  const rank = ({ state }: PhaseReport): number => RANKS.indexOf(state.status)
  const [first] = [...open].sort((one, other) => rank(one) - rank(other))
  if (first === undefined) return null
  const { phase, state, waitsFor } = first
  const inWords = `the phase ${phase.name}: ${waitsFor.join('; ')}`
  return { gate: 'phase', about: phase.name, inWords, since: iso(state.startedAt ?? since), more: open.length - 1 }
}

const RANKS: readonly PhaseReport['state']['status'][] = [
  'failed',
  'turned-back',
  'turning-back',
  'checking',
  'running',
  'waiting',
  'finished',
  'skipped',
]

function iso(at: number): string {
  return new Date(at).toISOString()
}

function shownPhase({ phase, state, plan, step, waitsFor, next }: PhaseReport): Shown['phases'][number] {
  const { name, description = '', dependsOn, components, course, checks, onFail } = phase
  const { status, because, attempt, startedAt, endedAt } = state
  return {
    ...{ name, description, status, because, attempt, plan, step, waitsFor, next, onFail },
    dependsOn: [...dependsOn],
    components: [...components],
    course: course.kind,
    checks: [...checks],
    startedAt: textOf(startedAt),
    endedAt: textOf(endedAt),
  }
}

function textOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
