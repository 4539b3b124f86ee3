import { describe, expect, it } from 'vitest'
import { nothingMeasured, type Path } from '../../../lib/core/metrics/measurement.js'
import { addValue } from '../../../lib/core/metrics/sketch.js'
import type { Phase } from '../../../lib/core/program/program.js'
import { planStatus } from '../../../lib/engine/autopilot/status.js'
import { startPlan } from '../../../lib/engine/autopilot/steer.js'
import { tick } from '../../../lib/engine/autopilot/tick.js'
import { componentOf } from '../../../lib/engine/components.js'
import { deleteFlag, killFlag, putNamedFlag, readNamedFlag, setRollout } from '../../../lib/engine/flags/flags.js'
import { componentReports } from '../../../lib/engine/programs/component-report.js'
import { declareComponent, removeComponent } from '../../../lib/engine/programs/declare.js'
import { readProgram } from '../../../lib/engine/programs/kept.js'
import { programsOf } from '../../../lib/engine/programs/on-stores.js'
import { programReport } from '../../../lib/engine/programs/status.js'
import { retryPhase, startProgram } from '../../../lib/engine/programs/steer.js'
import { workProgram } from '../../../lib/engine/programs/turn.js'
import { emergencyStop } from '../../../lib/engine/rollback/emergency-stop.js'
import { rollBackComponent } from '../../../lib/engine/rollback/roll-back-component.js'
import { liftStop } from '../../../lib/engine/rollback/stopped.js'
import { flagNamed } from '../flags/flag-named.js'
import { MOVER, type World, world } from '../runs/world.js'

/** Programs and their components over real flags, metrics, checkpoints, rollbacks and alerts. */
const COURSE = { kind: 'gradual', percentages: [1, 100], soakMs: 60_000, minOperations: 10 } as const

function phase(name: string, more: Partial<Phase> = {}): Phase {
  return { name, dependsOn: [], components: [name], course: COURSE, checks: [], onFail: 'turn-back', ...more }
}

async function declared(...names: string[]): Promise<World> {
  const at = world()
  for (const name of names) {
    await putNamedFlag(at.context, flagNamed(`new-${name}`, { on: false }), MOVER)
    await declareComponent(at.context, { name, flag: `new-${name}`, description: '' }, MOVER)
  }
  return at
}

async function measure(
  at: World,
  component: string,
  path: Path,
  ms: number,
  count = 200,
  errors = 0,
  operation = 'call',
): Promise<void> {
  const measured = { ...nothingMeasured(), count, errors }
  addValue(measured.latencyMs, ms, count)
  await at.context.metrics.add(at.clock.now(), [{ component, path, operation, ...measured }])
}

const percentOf = async (at: World, name: string) => {
  const { on, rollout } = await readNamedFlag(at.context, `new-${name}`)
  return on ? rollout.percent : 0
}

const work = (at: World) => workProgram(at.context, { program: 'p' }, at.clock.now() + 60_000)
const start = (at: World, phases: Phase[]) =>
  startProgram(programsOf(at.context), { name: 'p', phases, parallel: 4, timeScale: 1 }, MOVER)
const phasesOf = async (at: World) => (await readProgram(at.context.ledger, 'p')).state.phases

/** A turn after a minute in which every component did well. */
async function goodMinute(at: World, ...names: string[]): Promise<void> {
  at.clock.time += 2_000
  for (const name of names) await measure(at, name, 'new', 10)
  at.clock.time += 60_000
  await work(at)
}

describe('a component', () => {
  it('is declared with its flag, which must be there, and taken away only when no plan is at work on it', async () => {
    const at = await declared('search')
    expect(await componentOf(at.context, 'search')).toMatchObject({ kind: 'flag', flag: 'new-search' })
    const other = { name: 'mail', flag: 'nothing', description: '' }
    await expect(declareComponent(at.context, other, MOVER)).rejects.toMatchObject({ code: 'not-found' })
    const taken = { name: 'projects', flag: 'new-search', description: '' }
    await expect(declareComponent(at.context, taken, MOVER)).rejects.toMatchObject({ code: 'conflict' })
    await start(at, [phase('search')])
    await work(at)
    await expect(removeComponent(at.context, 'search', MOVER)).rejects.toMatchObject({ code: 'conflict' })
    expect((await componentReports(at.context, 15)).find(({ component }) => component.name === 'search')).toMatchObject(
      {
        plan: 'p--search--1',
        rolloutPercent: 1,
        paths: [
          { path: 'legacy', sharePercent: 99 },
          { path: 'new', sharePercent: 1 },
        ],
      },
    )
    const { items } = await at.context.ledger.entries('state/component', { limit: 10 })
    expect(items.map(({ value }) => value)).toMatchObject([
      { component: 'search', what: 'declared', flag: 'new-search' },
      { component: 'search', what: 'rollout', from: 0, to: 1, by: 'autopilot' },
    ])
  })

  it('shows how both of its paths have done', async () => {
    const at = await declared('search')
    await measure(at, 'search', 'legacy', 20, 90, 9)
    await measure(at, 'search', 'new', 40, 10)
    at.clock.time += 60_000
    const [, search] = await componentReports(at.context, 15)
    expect(search?.paths).toMatchObject([
      { path: 'legacy', operations: 90, errors: 9 },
      { path: 'new', operations: 10, errors: 0, p95Ms: expect.closeTo(40, 0) },
    ])
  })
})

describe('a gate over a component', () => {
  const threshold = { kind: 'threshold', metric: 'p95-ms', path: 'new', operator: '>' } as const
  async function judged(at: World, gate: NonNullable<Parameters<typeof steps>[0]>): Promise<string> {
    const autopilot = programsOf(at.context).autopilot
    await startPlan(
      autopilot,
      { name: 'g', collections: [], components: ['search'], steps: steps(gate), timeScale: 1 },
      MOVER,
    )
    await tick(autopilot, 'g', { budgetMs: 60_000 })
    at.clock.time += 2_000
    await measure(at, 'search', 'new', 300)
    await measure(at, 'search', 'legacy', 100)
    at.clock.time += 2_000
    await tick(autopilot, 'g', { budgetMs: 60_000 })
    const { verdicts } = await planStatus(autopilot, 'g')
    return verdicts.find(({ condition }) => condition.kind === gate[0]?.kind)?.because ?? 'none'
  }
  const steps = (gate: readonly import('../../../lib/core/plan/plan.js').Condition[]) => [
    {
      name: 's',
      day: 1,
      action: { kind: 'rollout' as const, rolloutPercent: 10 },
      gate,
      soakMs: 3_600_000,
      onFail: 'wait' as const,
      rollback: null,
    },
  ]

  it.each([
    [500, 'within-threshold'],
    [200, 'beyond-threshold'],
  ])('of p95 above %s ms says %s', async (limit, because) => {
    const at = await declared('search')
    expect(await judged(at, [{ ...threshold, threshold: limit, windowMinutes: 5, minSample: 50 }])).toBe(because)
  })

  it.each([
    [5, 'within-threshold'],
    [0.2, 'beyond-threshold'],
  ])('of p95 more than %s times above the other path says %s', async (limit, because) => {
    const at = await declared('search')
    const relative = { ...threshold, relativeTo: 'legacy' as const, threshold: limit, windowMinutes: 5, minSample: 50 }
    expect(await judged(at, [relative])).toBe(because)
  })

  it('of a metric that nobody measured says that there is not enough', async () => {
    const at = await declared('search')
    const nothing = { ...threshold, path: 'target' as const, threshold: 1, windowMinutes: 5, minSample: 1 }
    expect(await judged(at, [nothing])).toBe('too-few-samples')
    expect(await judged(await declared('search'), [{ kind: 'no-breach', minWeighed: 1 }])).toBe('not-measured')
  })
})

describe('a phase', () => {
  it('goes on only on what was measured since its share, and to the end', async () => {
    const at = await declared('search')
    await start(at, [phase('search')])
    await work(at)
    expect(await percentOf(at, 'search')).toBe(1)
    at.clock.time += 3_600_000
    await work(at)
    expect(await percentOf(at, 'search')).toBe(1)
    await goodMinute(at, 'search')
    expect(await percentOf(at, 'search')).toBe(100)
    await goodMinute(at, 'search')
    expect((await readProgram(at.context.ledger, 'p')).state.status).toBe('finished')
  })

  it('that fails turns its flag off and raises an alert, which its retry settles', async () => {
    const at = await declared('search')
    await start(at, [phase('search')])
    await work(at)
    at.clock.time += 2_000
    await measure(at, 'search', 'new', 10, 200, 100)
    at.clock.time += 60_000
    await work(at)
    expect(await phasesOf(at)).toMatchObject({ search: { status: 'turned-back' } })
    expect(await percentOf(at, 'search')).toBe(0)
    const open = async () => (await at.context.ledger.list('alert-open/', null, 10)).items.map(({ value }) => value)
    expect(await open()).toMatchObject([{ kind: 'plan-turned-back', component: 'search', severity: 'warning' }])
    at.clock.time += 60_000
    await retryPhase(programsOf(at.context), 'p', 'search', MOVER)
    expect(await open()).toEqual([])
    await work(at)
    await goodMinute(at, 'search')
    await goodMinute(at, 'search')
    expect(await phasesOf(at)).toMatchObject({ search: { status: 'finished', attempt: 2 } })
  })

  it('whose component is rolled back, or its flag killed, goes back as well', async () => {
    const at = await declared('search', 'mail')
    await start(at, [phase('search'), phase('mail')])
    await work(at)
    at.clock.time += 1_000
    await rollBackComponent(at.context, { component: 'search', cause: { kind: 'trigger' } }, MOVER)
    await killFlag(at.context, 'new-mail', MOVER)
    await work(at)
    expect(await phasesOf(at)).toMatchObject({
      search: { status: 'turned-back', because: expect.stringContaining('has rolled search back') },
      mail: { status: 'turned-back', because: expect.stringContaining('rollout-taken-back') },
    })
  })

  it('whose flag is deleted fails where somebody sees it', async () => {
    const at = await declared('search')
    await start(at, [phase('search')])
    await work(at)
    await deleteFlag(at.context, 'new-search', MOVER)
    for (let turn = 0; turn < 2; turn++) await work(at)
    expect(await phasesOf(at)).toMatchObject({
      search: { status: 'failed', because: expect.stringContaining('not-found') },
    })
  })

  it('whose flag somebody has set higher waits', async () => {
    const at = await declared('search')
    await start(at, [phase('search')])
    await work(at)
    await setRollout(at.context, 'new-search', 40, MOVER)
    await goodMinute(at, 'search')
    const { phases } = await programReport(programsOf(at.context), 'p')
    expect(phases[0]?.waitsFor).toEqual([expect.stringContaining('rollout-changed (percent 40, set 1)')])
  })

  it('asks for its checks once, and goes by what they find', async () => {
    const at = await declared('search')
    await start(at, [phase('search', { checks: ['performance'] })])
    await work(at)
    await goodMinute(at, 'search')
    await goodMinute(at, 'search')
    expect(await phasesOf(at)).toMatchObject({ search: { status: 'checking' } })
    for (let turn = 0; turn < 3; turn++) await work(at)
    const checks = async () =>
      (await at.context.ledger.entries('state/phase-check', { limit: 10 })).items.map(({ value }) => value)
    expect(await checks()).toMatchObject([
      { component: 'search', phase: 'p--search--1', name: 'performance', outcome: 'not-enough-evidence' },
    ])
    // Both paths are measured, alike: the next time that it is asked for, it passes.
    for (const path of ['legacy', 'new'] as const) await measure(at, 'search', path, 10, 2_000, 0, 'compare')
    for (let turn = 0; turn < 4; turn++) {
      at.clock.time += 61_000
      await work(at)
    }
    expect(await checks()).toMatchObject([{}, { outcome: 'pass' }])
    expect(await phasesOf(at)).toMatchObject({ search: { status: 'finished' } })
  })
})

describe('an emergency stop', () => {
  it('ends a program with all flags off; nothing begins while it stands, and a retry after it begins anew', async () => {
    const at = await declared('search', 'mail')
    await start(at, [phase('search'), phase('mail', { dependsOn: ['search'] })])
    await work(at)
    const stopped = await emergencyStop(at.context, MOVER)
    expect(stopped.programsFailed).toEqual(['p'])
    expect((await readNamedFlag(at.context, 'new-search')).killed).not.toBeNull()
    expect((await readProgram(at.context.ledger, 'p')).state).toMatchObject({ status: 'failed', because: MOVER.reason })
    at.clock.time += 3_600_000
    expect(await work(at)).toEqual({ kind: 'rests' })
    await expect(retryPhase(programsOf(at.context), 'p', 'search', MOVER)).rejects.toMatchObject({ code: 'conflict' })
    await liftStop(at.context, MOVER)
    await work(at)
    expect(await phasesOf(at)).toMatchObject({ search: { status: 'failed' }, mail: { status: 'waiting' } })
  })
})
