import { describe, expect, it } from 'vitest'
import { type Measurement, nothingMeasured, type Path } from '../../../lib/core/metrics/measurement.js'
import { addValue } from '../../../lib/core/metrics/sketch.js'
import { readAudit } from '../../../lib/engine/audit.js'
import { askCheck } from '../../../lib/engine/checkpoints/ask.js'
import { recordComparisons } from '../../../lib/engine/checkpoints/comparisons.js'
import { explanationOf } from '../../../lib/engine/checkpoints/find.js'
import {
  listPhaseChecks,
  putPhaseCheck,
  readPhaseCheck,
  removePhaseCheck,
} from '../../../lib/engine/checkpoints/named.js'
import { keyOfComponent } from '../../../lib/engine/components.js'
import { fill, go, type World, world } from '../runs/world.js'
import { ANN, checked, entered, NAME, outcomes, rules } from './world.js'

/** Durations around `medianMs`, the same in every run. */
function measured(component: string, path: Path, count: number, medianMs: number): Measurement {
  const sum = { component, path, operation: 'compare', ...nothingMeasured() }
  let seed = 17
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  for (let at = 0; at < count; at++) {
    const z = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
    addValue(sum.latencyMs, medianMs * Math.exp(0.4 * z))
  }
  sum.count = count
  return sum
}

async function withPairs(count: number, slower: number, component = NAME): Promise<World> {
  const at = world({ leaseMs: 1_000 })
  const [left, entered] = component === NAME ? (['source', 'target'] as const) : (['legacy', 'new'] as const)
  const pairs = [measured(component, left, count, 10), measured(component, entered, count, 10 * slower)]
  await at.context.metrics.add(at.clock.now() - 60_000, pairs)
  return at
}

const PERFORMANCE = rules({ kind: 'performance' })

describe('a path that is slower', () => {
  it.each([
    [2_000, 1, 'pass', 'within-limit'],
    [2_000, 0.5, 'pass', 'within-limit'],
    [2_000, 1.6, 'breach', 'over-limit'],
    [2_000, 1.2, 'not-enough-evidence', 'interval-too-wide'],
    [150, 1, 'not-enough-evidence', 'interval-too-wide'],
    [80, 3, 'not-enough-evidence', 'too-few-pairs'],
  ])('%i pairs, %f times as slow: %s', async (count, slower, outcome, because) => {
    const at = await withPairs(count, slower)
    const [one] = (await checked(at, PERFORMANCE)).checkpoints
    expect(one?.finding).toMatchObject({ outcome, because, numbers: { pairs: count, limit: 1.2 } })
  })

  it('counts within its time alone', async () => {
    const at = await withPairs(2_000, 3)
    at.clock.time += 2 * 3_600_000
    const [one] = (await checked(at, PERFORMANCE)).checkpoints
    expect(one?.finding).toMatchObject({ outcome: 'not-enough-evidence', numbers: { pairs: 0, ratio: null } })
  })

  it('is measured by the metric and the limit that were asked for', async () => {
    const at = await withPairs(2_000, 1.6)
    const [one] = (await checked(at, rules({ kind: 'performance', metric: 'p50', limitShare: 1 }))).checkpoints
    expect(one?.finding).toMatchObject({ outcome: 'pass', numbers: { metric: 'p50', limit: 2 } })
  })
})

describe('a part that a flag switches', () => {
  const pair = (number: number, status = 200) => ({
    request: { method: 'GET', path: `/search/${number}?q=secret-query` },
    legacy: { status: 200, etag: '"1"', body: { hits: ['secret-value'] } },
    new: { status, etag: '"other"', body: { hits: ['secret-value'] } },
  })

  async function search(): Promise<World> {
    const at = await withPairs(1_500, 1.05, 'search')
    const value = { name: 'search', kind: 'flag', flag: 'new-search', description: '' }
    await at.context.ledger.commit([{ key: keyOfComponent('search'), ifRevision: null, value }])
    return at
  }

  it('is judged by what was reported and measured, at once', async () => {
    const at = await search()
    const { ledger } = at.context
    const asked = rules({ kind: 'api-compatibility' }, { kind: 'performance' })
    const lacking = await checked(at, asked, { component: 'search' })
    expect(outcomes(lacking)).toEqual({ 'api-compatibility': 'not-enough-evidence', performance: 'pass' })
    const pairs = Array.from({ length: 25 }, (_, number) => pair(number))
    await Promise.all([1, 2].map(() => recordComparisons(ledger, 'search', pairs, at.clock.now())))
    const good = await checked(at, asked, { component: 'search' })
    expect(good).toMatchObject({ runId: null, outcome: 'pass' })
    expect(good.checkpoints[0]?.finding?.numbers).toMatchObject({ compared: 50, different: 0 })
    expect(await recordComparisons(ledger, 'search', [pair(1, 500)], at.clock.now())).toMatchObject({ different: 1 })
    const bad = await checked(at, asked, { component: 'search' })
    expect(bad.outcome).toBe('breach')
    expect(bad.checkpoints[0]?.finding?.examples).toMatchObject([
      { request: { path: '/search/1' }, differsIn: ['status'] },
    ])
    const { items } = await ledger.list('', null, 200).catch(() => ledger.list('compared/', null, 200))
    expect(JSON.stringify([items, bad])).not.toMatch(/secret/)
    const { items: trail } = await readAudit(ledger, { action: 'validate-component', limit: 10 })
    expect(trail).toHaveLength(3)
  })

  it('keeps no records here: nothing that is asked of records passes', async () => {
    const at = await search()
    const asked = rules({ kind: 'data-consistency' }, { kind: 'full-consistency' }, { kind: 'zero-loss' })
    const check = await checked(at, asked, { component: 'search' })
    expect(check.checkpoints.map(({ finding }) => finding?.because)).toEqual(Array(3).fill('not-for-this-component'))
    expect(check.outcome).toBe('not-enough-evidence')
  })

  it('that nobody knows is not found', async () => {
    const at = world()
    const request = { component: 'nobody', phase: null, name: null, rules: PERFORMANCE }
    await expect(askCheck(at.context, request, ANN)).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('a phase check', () => {
  it('is a named list that passes only as a whole', async () => {
    const at = world({ leaseMs: 1_000 })
    await fill(at, 40)
    await go(at, 'live')
    const wanted = {
      name: 'before-rampdown',
      description: 'd',
      rules: rules({ kind: 'data-consistency' }, { kind: 'performance' }),
    }
    await putPhaseCheck(at.context, wanted, ANN)
    expect(await listPhaseChecks(at.context)).toMatchObject([
      { name: 'before-rampdown', rules: [{ sampleSize: 300 }, {}] },
    ])
    const { rules: named } = await readPhaseCheck(at.context, 'before-rampdown')
    const check = await checked(at, named)
    expect(outcomes(check)).toEqual({ 'data-consistency': 'pass', performance: 'not-enough-evidence' })
    expect(check.outcome).toBe('not-enough-evidence')
    expect(await entered(at.context, 'phase-check')).toMatchObject([{ outcome: 'not-enough-evidence' }])
    expect((await explanationOf(at.context, check.id)).sentences.at(-1)).toContain('not-enough-evidence')
    await removePhaseCheck(at.context, 'before-rampdown', ANN)
    await expect(readPhaseCheck(at.context, 'before-rampdown')).rejects.toMatchObject({ code: 'not-found' })
    const actions = (await readAudit(at.context.ledger, { limit: 50 })).items.map(({ action }) => action)
    expect(actions).toEqual(expect.arrayContaining(['put-phase-check', 'remove-phase-check']))
  })

  it('has a name and something to ask', async () => {
    const at = world()
    for (const wanted of [
      { name: 'x', description: '', rules: [] },
      { name: 'Not so', description: '', rules: PERFORMANCE },
    ])
      await expect(putPhaseCheck(at.context, wanted, ANN)).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
