import { CutoverError } from '../error.js'
import { faultsOfPlan } from '../plan/check.js'
import { TIME_SCALE_MIN } from '../plan/plan.js'
import { type Kinds, planOfPhase } from './course.js'
import {
  dependentsOf,
  PHASE_CHECKS_MAX,
  type Phase,
  PROGRAM_NAME,
  PROGRAM_PHASES_MAX,
  type Program,
} from './program.js'

/** What is wrong with a program, where, and what would mend it. */
export interface ProgramFault {
  /** Such as `phase search`, or `program`. */
  at: string
  fault: string
  mend: string
}

/** The program, if it can be carried out; else `invalid-input` with every fault. `kinds`: the components there are. */
export function checkProgram(program: Program, kinds: Kinds, checkNames: ReadonlySet<string>): Program {
  const faults = faultsOfProgram(program, kinds, checkNames)
  if (faults.length === 0) return program
  const lines = faults.map(({ at, fault, mend }) => `${at}: ${fault}; ${mend}`)
  throw new CutoverError('invalid-input', `The program cannot be carried out. ${lines.join('. ')}.`, {
    details: { faults: lines },
  })
}

export function faultsOfProgram(program: Program, kinds: Kinds, checkNames: ReadonlySet<string>): ProgramFault[] {
  const faults = [
    ...ofProgram(program),
    ...program.phases.flatMap((phase) => ofPhase(program, phase, { kinds, checkNames })),
  ]
  if (faults.length > 0) return faults
  return [...ofCycles(program), ...ofShared(program), ...ofPlans(program, kinds)]
}

const NAME_MEND = 'take 1 to 28 of [a-z0-9], with single hyphens between'

function ofProgram({ name, phases, parallel, timeScale }: Program): ProgramFault[] {
  const faults: ProgramFault[] = []
  const add = (fault: string, mend: string): unknown => faults.push({ at: 'program', fault, mend })
  if (!PROGRAM_NAME.test(name)) add('its name cannot be', NAME_MEND)
  if (phases.length === 0) add('it has no phases', 'give it one')
  if (phases.length > PROGRAM_PHASES_MAX)
    add(`it has more than ${PROGRAM_PHASES_MAX} phases`, 'split it into programs that follow each other')
  if (!(Number.isSafeInteger(parallel) && parallel >= 1 && parallel <= PROGRAM_PHASES_MAX))
    add('parallel is no count of phases', `take 1 to ${PROGRAM_PHASES_MAX}`)
  if (!(Number.isFinite(timeScale) && timeScale >= TIME_SCALE_MIN))
    add(`its timeScale is below ${TIME_SCALE_MIN}`, 'take 1, or more for a rehearsal')
  return faults
}

function ofPhase(
  { phases }: Program,
  phase: Phase,
  { kinds, checkNames }: { kinds: Kinds; checkNames: ReadonlySet<string> },
): ProgramFault[] {
  const { name, dependsOn, components, checks } = phase
  const faults: ProgramFault[] = []
  const add = (fault: string, mend: string): unknown => faults.push({ at: `phase ${name}`, fault, mend })
  const names = phases.map((other) => other.name)
  if (!PROGRAM_NAME.test(name)) add('its name cannot be', NAME_MEND)
  if (names.filter((other) => other === name).length > 1) add('another phase has its name', 'rename one of them')
  for (const before of new Set(dependsOn)) {
    if (before === name) add('it depends on itself', 'take that out of dependsOn')
    else if (!names.includes(before))
      add(`it depends on ${before}, which is no phase`, `name one of ${names.join(', ')}`)
  }
  if (components.length === 0) add('it has no components', 'name the collections or components that it takes along')
  if (new Set(components).size < components.length) add('it names a component twice', 'name it once')
  for (const component of components) {
    if (!kinds.has(component))
      add(`there is no component ${component}`, 'declare it with declare-component, or name one')
  }
  if (new Set(checks).size < checks.length || checks.includes(''))
    add('its checks repeat or are empty', 'name each once')
  for (const check of checks.filter((one) => !checkNames.has(one)))
    add(`there is no check ${check}`, `put it together, or name one of ${[...checkNames].join(', ')}`)
  if (checks.length > PHASE_CHECKS_MAX) add(`it has more than ${PHASE_CHECKS_MAX} checks`, 'leave some out')
  return [...faults, ...ofCourse(phase, kinds)]
}

function ofCourse({ name, course, components, checks }: Phase, kinds: Kinds): ProgramFault[] {
  const at = `phase ${name}`
  if (course.kind === 'steps') return []
  const wanted = course.kind === 'week' ? 'collection' : 'flag'
  const others = components.filter((component) => (kinds.get(component) ?? wanted) !== wanted)
  const faults = others.map((component) => ({
    at,
    fault: `the course ${course.kind} cannot take ${component}, which is a ${kinds.get(component)}`,
    mend: 'put it into a phase of its own, with another course',
  }))
  if (course.kind === 'week' && checks.length > 0)
    faults.push({
      at,
      fault: 'it asks for checks after the clean-up, when there is only one store left',
      mend: 'ask for them by gates, in steps of your own',
    })
  if (course.kind === 'week') return faults
  const { percentages = [1] } = course
  const grow = percentages.every((percent, index) => percent > (percentages[index - 1] ?? 0) && percent <= 100)
  if (percentages.length > 0 && grow) return faults
  return [...faults, { at, fault: 'its percentages do not grow', mend: 'take some above 0 and up to 100, each once' }]
}

/** Phases that wait for one another for ever. */
function ofCycles(program: Program): ProgramFault[] {
  const inCycle = program.phases.filter(({ name }) => dependentsOf(program, name).has(name)).map(({ name }) => name)
  if (inCycle.length === 0) return []
  const fault = `they wait for one another: ${inCycle.join(', ')}`
  return [{ at: `phases ${inCycle.join(', ')}`, fault, mend: 'take one of them out of the dependsOn of another' }]
}

/** A component is one phase's at a time, and a later phase goes on where the earlier one has left it. */
function ofShared(program: Program): ProgramFault[] {
  const faults: ProgramFault[] = []
  program.phases.forEach((phase, index) => {
    for (const other of program.phases.slice(index + 1)) {
      const both = phase.components.filter((component) => other.components.includes(component))
      if (both.length === 0) continue
      const at = `phases ${phase.name}, ${other.name}`
      const later = dependentsOf(program, phase.name).has(other.name)
        ? other
        : dependentsOf(program, other.name).has(phase.name)
          ? phase
          : null
      if (later === null)
        faults.push({
          at,
          fault: `both take ${both.join(', ')}, at the same time`,
          mend: 'let one depend on the other',
        })
      else if (later.course.kind !== 'steps')
        faults.push({
          at,
          fault: `${later.name} would begin ${both.join(', ')} anew`,
          mend: `give ${later.name} steps that go on where the other ends`,
        })
    }
  })
  return faults
}

/** What the plans themselves refuse. */
function ofPlans(program: Program, kinds: Kinds): ProgramFault[] {
  return program.phases.flatMap((phase) =>
    faultsOfPlan(planOfPhase(program, phase, kinds, 1)).map(({ step, fault }) => ({
      at: step === null ? `phase ${phase.name}` : `phase ${phase.name}, step ${step}`,
      fault: `its plan ${fault}`,
      mend: 'change the steps of its course',
    })),
  )
}
