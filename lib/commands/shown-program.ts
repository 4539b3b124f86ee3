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
    phases: phases.map(shownPhase),
    history: history.map(({ kind, at, by, phase, reason }) => ({
      ...{ kind, at: new Date(at).toISOString(), by, phase, reason },
    })),
  }
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
