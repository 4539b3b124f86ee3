import { describe, expect, it } from 'vitest'
import { checkProgram, faultsOfProgram } from '../../../lib/core/program/check.js'
import type { Kinds } from '../../../lib/core/program/course.js'
import { PERCENTAGES, planOfPhase } from '../../../lib/core/program/course.js'
import { FIVE_COMPONENTS, fivePhases } from '../../../lib/core/program/five-phases.js'
import { dependentsOf, type Phase, type Program } from '../../../lib/core/program/program.js'

const KINDS: Kinds = new Map([
  ['projects', 'collection'],
  ['resources', 'collection'],
  ['search', 'flag'],
  ['mail', 'flag'],
])
const CHECKS = new Set(['performance'])

function phase(name: string, more: Partial<Phase> = {}): Phase {
  const course = { kind: 'gradual' } as const
  return { name, dependsOn: [], components: ['search'], course, checks: [], onFail: 'turn-back', ...more }
}

function program(phases: Phase[], more: Partial<Program> = {}): Program {
  return { name: 'p', phases, parallel: 4, timeScale: 1, ...more }
}

const faults = (given: Program) => faultsOfProgram(given, KINDS, CHECKS)

describe('a program is refused', () => {
  const steps = [
    {
      name: 'more',
      day: 1,
      action: { kind: 'rollout', rolloutPercent: 10 },
      gate: [{ kind: 'zero-loss' }],
      soakMs: 0,
      onFail: 'turn-back',
      rollback: { rolloutPercent: 10 },
    },
  ] as const
  const cases: [what: string, given: Program, at: string, fault: string, mend: string][] = [
    ['without a name that can be', program([phase('a')], { name: 'a--b' }), 'program', 'name', 'hyphens'],
    ['without phases', program([]), 'program', 'no phases', 'give it one'],
    ['with too many phases side by side', program([phase('a')], { parallel: 0 }), 'program', 'parallel', '1 to 30'],
    ['with a time that stands', program([phase('a')], { timeScale: 0 }), 'program', 'timeScale', 'rehearsal'],
    ['with a phase twice', program([phase('a'), phase('a')]), 'phase a', 'another phase has its name', 'rename'],
    [
      'with a phase that depends on itself',
      program([phase('a', { dependsOn: ['a'] })]),
      'phase a',
      'on itself',
      'take',
    ],
    [
      'with an unknown phase',
      program([phase('a', { dependsOn: ['b'] })]),
      'phase a',
      'b, which is no phase',
      'one of a',
    ],
    [
      'with a cycle',
      program([phase('a', { dependsOn: ['b'] }), phase('b', { dependsOn: ['a'], components: ['mail'] })]),
      'phases a, b',
      'wait for one another: a, b',
      'out of the dependsOn',
    ],
    ['without components', program([phase('a', { components: [] })]), 'phase a', 'no components', 'name'],
    ['with an unknown component', program([phase('a', { components: ['x'] })]), 'phase a', 'x', 'declare-component'],
    ['with an unknown check', program([phase('a', { checks: ['y'] })]), 'phase a', 'no check y', 'performance'],
    [
      'with a component in two phases at once',
      program([phase('a'), phase('b')]),
      'phases a, b',
      'both take search, at the same time',
      'depend on the other',
    ],
    [
      'with a component that a later phase would begin anew',
      program([phase('a'), phase('b', { dependsOn: ['a'] })]),
      'phases a, b',
      'b would begin search anew',
      'steps that go on',
    ],
    [
      'with a collection on a course for flags',
      program([phase('a', { components: ['projects'] })]),
      'phase a',
      'projects, which is a collection',
      'phase of its own',
    ],
    [
      'with checks after a clean-up',
      program([phase('a', { components: ['projects'], course: { kind: 'week' }, checks: ['performance'] })]),
      'phase a',
      'after the clean-up',
      'by gates',
    ],
    [
      'with a part on a course for collections',
      program([phase('a', { course: { kind: 'week' } })]),
      'phase a',
      'search, which is a flag',
      'phase of its own',
    ],
    [
      'with shares that do not grow',
      program([phase('a', { course: { kind: 'gradual', percentages: [10, 5] } })]),
      'phase a',
      'do not grow',
      'each once',
    ],
    [
      'with a gate that a part cannot show',
      program([phase('a', { course: { kind: 'steps', steps } })]),
      'phase a, step more',
      'asks for zero-loss, which only collections can show',
      'steps of its course',
    ],
  ]
  it.each(cases)('%s', (_, given, at, fault, mend) => {
    expect(faults(given)).toContainEqual({
      at: at,
      fault: expect.stringContaining(fault),
      mend: expect.stringContaining(mend),
    })
    expect(() => checkProgram(given, KINDS, CHECKS)).toThrow(at)
  })

  it('with the faults of all phases at once', () => {
    const given = program([phase('a', { components: ['x'] }), phase('b', { dependsOn: ['z'], components: ['y'] })])
    expect(faults(given)).toHaveLength(3)
  })

  it('when its steps cannot be: a rollback that is not below, a share that is reached', () => {
    const of = (list: readonly (typeof steps)[number][]) =>
      faults(program([phase('a', { course: { kind: 'steps', steps: list } })])).map(({ fault }) => fault)
    const [step] = steps
    expect(of([{ ...step, gate: [] } as never])).toEqual(['its plan has a rollback that is not below its own rollout'])
    const good = { ...step, gate: [], rollback: { rolloutPercent: 0 } }
    expect(of([good, { ...good, name: 'again' }] as never)).toEqual([
      'its plan rolls out nothing: 10 % is already reached',
    ])
  })
})

describe('a program is accepted', () => {
  it('with collections by the week and parts beside them', () => {
    const records = phase('records', { components: ['projects', 'resources'], course: { kind: 'week' } })
    expect(faults(program([records, phase('search', { checks: ['performance'] })]))).toEqual([])
  })

  it('that is the five phases, from one percent, in the order of what they depend on', () => {
    const five = fivePhases()
    const kinds: Kinds = new Map(FIVE_COMPONENTS.map(({ name }) => [name, 'flag']))
    expect(faultsOfProgram(five, kinds, new Set())).toEqual([])
    expect([...dependentsOf(five, 'utilities')].sort()).toEqual(['error-handling', 'repository', 'search', 'websocket'])
    expect([...dependentsOf(five, 'search')]).toEqual([])
    for (const one of five.phases) {
      const plan = planOfPhase(five, one, kinds, 1)
      expect(plan.steps.map(({ action }) => 'rolloutPercent' in action && action.rolloutPercent)).toEqual([
        ...PERCENTAGES,
      ])
      expect(plan).toMatchObject({ program: 'five-phases', collections: [], components: [one.name] })
    }
  })
})
