import { beforeEach, describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { type AnalysisInputs, analyse } from '../../../lib/core/experiment/analyse.js'
import type { ExperimentEvent } from '../../../lib/core/experiment/event.js'
import type { ExperimentDefinition } from '../../../lib/core/experiment/experiment.js'
import { putExperiment, startExperiment } from '../../../lib/engine/experiments/define.js'
import { readExperiment } from '../../../lib/engine/experiments/kept.js'
import { recordEvents } from '../../../lib/engine/experiments/record.js'
import { deleteExperiment } from '../../../lib/engine/experiments/remove.js'
import { showExperiment } from '../../../lib/engine/experiments/show.js'
import { stopExperiment } from '../../../lib/engine/experiments/stop.js'
import { analyseExperiment } from '../../../lib/engine/experiments/study.js'
import { lookAfterExperiments } from '../../../lib/engine/experiments/turn.js'
import { killFlag, setRollout } from '../../../lib/engine/flags/flags.js'
import { recordPair } from '../../../lib/engine/metrics/compared.js'
import { recorder } from '../../../lib/engine/metrics/recorder.js'
import { walkStages } from '../../../lib/engine/stages/walk.js'
import { normals, seeded } from '../../core/experiment/values.js'
import { fill, go, pass, type World, world } from '../runs/world.js'
import { ANN, BY_FLAG, BY_PATH, lab, send } from './lab.js'

const MINUTE = 60_000

/** Users who buy as `buys` says by the cohort that the experiment dealt them. */
async function traffic(at: World, from: number, count: number, buys: { old: number; fresh: number }): Promise<void> {
  const random = seeded(from + 1)
  const users = Array.from({ length: count }, (_, number) => `u${from + number}`)
  await send(
    at,
    'buttons',
    users.map((subject): ExperimentEvent => ({ id: 'e', subject, kind: 'exposure' })),
  )
  const { items } = await at.context.ledger.list('experiment-subject/', null, 200)
  expect(items.length).toBeGreaterThan(0)
  const { evaluate } = await import('../../../lib/core/flags/evaluate.js')
  const { readNamedFlag } = await import('../../../lib/engine/flags/flags.js')
  const flag = await readNamedFlag(at.context, 'checkout')
  const events = users.flatMap((subject): ExperimentEvent[] => {
    const { variant } = evaluate(flag, { key: subject, attributes: {}, environment: null }, at.clock.now())
    const latency = { id: 'l', subject, kind: 'value', metric: 'latency', value: 80 + 40 * random() } as const
    const bought = { id: 'b', subject, kind: 'happened', metric: 'bought' } as const
    return random() < (variant === 'fresh' ? buys.fresh : buys.old) ? [latency, bought] : [latency]
  })
  await send(at, 'buttons', events)
}

async function resultsOf(at: World) {
  const { items } = await at.context.ledger.entries('state/statistical-result', { after: null, limit: 100 })
  return items.map(({ value }) => value as unknown as { inputs: AnalysisInputs; analysis: unknown; round: number })
}

describe('a definition', () => {
  let at: World
  beforeEach(async () => {
    at = await lab()
  })

  it('of an experiment that runs is not changed, and is changed from the revision that was seen', async () => {
    const changed: ExperimentDefinition = { ...BY_FLAG, alpha: 0.1 }
    const { revision } = await readExperiment(at.context.ledger, 'buttons')
    expect(await putExperiment(at.context, changed, revision, ANN)).toEqual({ kind: 'refused', reason: 'running' })
    expect(await startExperiment(at.context, 'buttons', ANN)).toEqual({ kind: 'refused', reason: 'running' })
    const stopped = await stopExperiment(at.context, 'buttons', ANN)
    if (stopped.kind === 'refused') throw new Error(stopped.reason)
    expect(await putExperiment(at.context, changed, revision, ANN)).toEqual({
      kind: 'refused',
      reason: 'changed-meanwhile',
    })
    expect(await putExperiment(at.context, changed, null, ANN)).toEqual({
      kind: 'refused',
      reason: 'changed-meanwhile',
    })
    const both = await Promise.all(
      [0.1, 0.2].map((alpha) => putExperiment(at.context, { ...BY_FLAG, alpha }, stopped.experiment.revision, ANN)),
    )
    expect(both.map(({ kind }) => kind).sort()).toEqual(['put', 'refused'])
    expect(await stopExperiment(at.context, 'buttons', ANN)).toEqual({ kind: 'refused', reason: 'not-running' })
  })

  it('with faults is refused naming every one of them', async () => {
    const wrong = putExperiment(at.context, { ...BY_FLAG, name: 'other', alpha: Number.NaN, minSubjects: 1 }, null, ANN)
    await expect(wrong).rejects.toMatchObject({
      code: 'invalid-input',
      details: { faults: [/alpha/, /minSubjects/].map((text) => expect.stringMatching(text)) },
    })
    await expect(putExperiment(at.context, { ...BY_FLAG, component: 'nothing' }, null, ANN)).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('begins every round with nothing, and with its own documents', async () => {
    await recordEvents(at.context, 'buttons', [{ id: 'e', subject: 'a', kind: 'exposure' }])
    await stopExperiment(at.context, 'buttons', ANN)
    const again = await startExperiment(at.context, 'buttons', ANN)
    expect(again).toMatchObject({ kind: 'put', experiment: { round: 2, status: 'running', conclusion: null } })
    expect((await showExperiment(at.context, 'buttons')).study?.now.subjects).toBe(0)
    expect(await recordEvents(at.context, 'buttons', [{ id: 'e', subject: 'a', kind: 'exposure' }])).toMatchObject({
      counted: 1,
    })
  })

  it('is started only where every cohort gets somebody, and the shares that it states', async () => {
    const put = async (more: Partial<ExperimentDefinition>) => {
      const definition = { ...BY_FLAG, name: 'other', ...more }
      const held = await at.context.ledger.read('experiment/other')
      await putExperiment(at.context, definition, held?.revision ?? null, ANN)
      return startExperiment(at.context, 'other', ANN)
    }
    const shares = (a: number, b: number) => [
      { name: 'old', share: a },
      { name: 'fresh', share: b },
    ]
    expect(await put({ cohorts: shares(0.9, 0.1) })).toEqual({ kind: 'refused', reason: 'shares-differ' })
    expect(
      await put({
        cohorts: [
          { name: 'old', share: null },
          { name: 'blue', share: null },
        ],
      }),
    ).toEqual({ kind: 'refused', reason: 'cohort-gets-nobody' })
    expect(
      await put({
        assignment: { by: 'path' },
        cohorts: BY_PATH.cohorts.map(({ name }) => ({ name, share: null })),
        metrics: BY_PATH.metrics,
      }),
    ).toEqual({ kind: 'refused', reason: 'cohort-gets-nobody' })
    expect(await put({ cohorts: shares(0.5, 0.5) })).toMatchObject({
      kind: 'put',
      experiment: { allocation: { cohorts: [0.5, 0.5] } },
    })
    await putExperiment(
      at.context,
      { ...BY_FLAG, name: 'third', assignment: { by: 'flag', flag: 'nothing' } },
      null,
      ANN,
    )
    await expect(startExperiment(at.context, 'third', ANN)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('shows nobody the key of its hashes', async () => {
    const { salt } = await readExperiment(at.context.ledger, 'buttons')
    await stopExperiment(at.context, 'buttons', ANN)
    const audit = await at.context.ledger.entries('audit', { newestFirst: true, limit: 10 })
    expect(JSON.stringify(audit)).toContain('stop-experiment')
    expect(JSON.stringify(audit)).not.toContain(salt)
  })
})

describe('an experiment that is deleted', () => {
  it('is gone with its counts, once nothing of its subjects is kept', async () => {
    const at = await lab()
    await recordEvents(at.context, 'buttons', [{ id: 'e', subject: 'a', kind: 'exposure' }])
    expect(await deleteExperiment(at.context, 'buttons', ANN)).toEqual({ kind: 'refused', reason: 'running' })
    await stopExperiment(at.context, 'buttons', ANN)
    expect(await deleteExperiment(at.context, 'buttons', ANN)).toEqual({ kind: 'refused', reason: 'subjects-kept' })
    at.clock.time += 61 * MINUTE
    await lookAfterExperiments(at.context, at.clock.now() + MINUTE)
    // Cut short after the counts: asked again, it goes on.
    let commits = 0
    at.faults.before = (store, call) => {
      if (store === 'ledger' && call === 'commit' && ++commits === 3) throw new CutoverError('unavailable', 'away')
    }
    await expect(deleteExperiment(at.context, 'buttons', ANN)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await deleteExperiment(at.context, 'buttons', ANN)).toEqual({ kind: 'deleted', name: 'buttons' })
    expect((await at.context.ledger.list('experiment', null, 200)).items).toEqual([])
    const made = await putExperiment(at.context, BY_FLAG, null, ANN)
    expect(made).toMatchObject({ kind: 'put', experiment: { round: 0 } })
  })
})

describe('an experiment by the path that serves', () => {
  it('takes its shares from the stage of the collection', async () => {
    const at = world({ leaseMs: 1_000 })
    await fill(at, 4)
    await go(at, 'shadow')
    await pass(at)
    const cohorts = BY_PATH.cohorts.map(({ name }) => ({ name, share: null }))
    await putExperiment(at.context, { ...BY_PATH, cohorts }, null, ANN)
    expect(await startExperiment(at.context, 'reads', ANN)).toEqual({ kind: 'refused', reason: 'cohort-gets-nobody' })
    const up = {
      collection: 'projects',
      direction: 'up',
      to: 'live',
      rolloutPercent: 25,
      action: 'advance-stage',
    } as const
    expect(await walkStages(at.context, up, ANN)).toMatchObject({ kind: 'moved' })
    const started = await startExperiment(at.context, 'reads', ANN)
    expect(started).toMatchObject({ kind: 'put', experiment: { allocation: { cohorts: [0.75, 0.25] } } })
    expect((await showExperiment(at.context, 'reads')).recommendations).toMatchObject([{ because: 'too-few-subjects' }])
    await go(at, 'live')
    expect((await showExperiment(at.context, 'reads')).recommendations).toMatchObject([
      { because: 'allocation-changed' },
    ])
  })
})

describe('an experiment on what the data plane compares by itself', () => {
  const compared: ExperimentDefinition = {
    ...BY_PATH,
    cohorts: BY_PATH.cohorts.map(({ name }) => ({ name, share: null })),
    metrics: [
      { name: 'ms', kind: 'compared', better: 'lower', role: 'guardrail', margin: { kind: 'absolute', value: 10 } },
    ],
  }

  it('needs no event, and no cohort: it runs in shadow, where every request that is compared meets both paths', async () => {
    const at = world()
    await go(at, 'shadow')
    await putExperiment(at.context, compared, null, ANN)
    expect(await startExperiment(at.context, 'reads', ANN)).toMatchObject({ kind: 'put' })
    const normal = normals(3)
    const compare = async (pairs: number, mean: number) => {
      const { metrics, clock } = at.context
      const background = (work: Promise<unknown>) => void work.catch(() => undefined)
      const measuring = recorder({
        metrics: async () => metrics,
        clock,
        background,
        flushMs: 1,
        bucketMs: metrics.bucketMs,
      })
      for (let pair = 0; pair < pairs; pair++) {
        const source = 20 + 5 * normal() ** 2
        recordPair(measuring, 'projects', { source, target: source + mean + 8 * normal() })
      }
      await measuring.flush()
    }
    expect(await showExperiment(at.context, 'reads')).toMatchObject({
      recommendations: [{ because: 'too-few-subjects' }],
    })
    at.clock.time += MINUTE
    await compare(300, 3)
    at.clock.time += MINUTE
    const shown = await showExperiment(at.context, 'reads')
    expect(shown.recommendations).toMatchObject([
      { recommendation: 'promote', because: 'guardrails-safe', metrics: ['ms'] },
    ])
    expect(shown.analysis?.subjects).toBe(300)
    expect(shown.analysis?.comparisons[0]).toMatchObject({
      finding: 'safe',
      control: { measured: 300 },
      interval: { holds: 'at-every-look' },
    })
    await compare(900, 24)
    at.clock.time += MINUTE
    expect(await showExperiment(at.context, 'reads')).toMatchObject({
      recommendations: [{ recommendation: 'roll-back', because: 'guardrail-inferior' }],
    })
    await stopExperiment(at.context, 'reads', ANN)
    await at.context.metrics.destroy()
    expect((await showExperiment(at.context, 'reads')).analysis?.subjects).toBe(1_200)
  })
})

describe('the turn of the cron', () => {
  it('stores an analysis that can be made again from what was stored, and nothing where nothing is new', async () => {
    const at = await lab()
    await traffic(at, 0, 300, { old: 0.1, fresh: 0.5 })
    const deadline = () => at.clock.now() + MINUTE
    expect(await lookAfterExperiments(at.context, deadline())).toMatchObject({ analysed: ['buttons'], failed: [] })
    at.clock.time += 10 * MINUTE
    expect(await lookAfterExperiments(at.context, deadline())).toMatchObject({ analysed: [] })
    const results = await resultsOf(at)
    expect(results).toHaveLength(1)
    for (const { inputs, analysis } of results) expect(JSON.parse(JSON.stringify(analyse(inputs)))).toEqual(analysis)
    await traffic(at, 300, 300, { old: 0.1, fresh: 0.5 })
    expect(await lookAfterExperiments(at.context, deadline())).toMatchObject({ analysed: ['buttons'] })
    const { recommendations, study } = await showExperiment(at.context, 'buttons')
    expect(study?.now.comparisons.find(({ metric }) => metric === 'bought')).toMatchObject({ finding: 'better' })
    expect(recommendations).toMatchObject([{ treatment: 'fresh', recommendation: 'promote', metrics: ['bought'] }])
  })

  it('taken twice at once stores each analysis once, and reads no event', async () => {
    const at = await lab()
    await traffic(at, 0, 100, { old: 0.1, fresh: 0.1 })
    const asked: string[] = []
    at.faults.before = (store, call, args) => {
      if (store === 'ledger') asked.push(`${call} ${String(args[0])}`)
    }
    const turns = [1, 2].map(() => lookAfterExperiments(at.context, at.clock.now() + MINUTE))
    await Promise.all(turns)
    expect(await resultsOf(at)).toHaveLength(1)
    expect(asked.filter((call) => /entries|experiment-subject/.test(call))).toEqual([
      'entries state/statistical-result',
    ])
  })

  it('over a ledger that does not answer fails for that experiment alone, and is made up for', async () => {
    const at = await lab()
    await traffic(at, 0, 100, { old: 0.1, fresh: 0.1 })
    at.faults.before = (store, call) => {
      if (store === 'ledger' && call === 'commit') throw new CutoverError('unavailable', 'away')
    }
    expect(await lookAfterExperiments(at.context, at.clock.now() + MINUTE)).toMatchObject({ failed: ['buttons'] })
    at.faults.before = () => undefined
    expect(await lookAfterExperiments(at.context, at.clock.now() + MINUTE)).toMatchObject({ analysed: ['buttons'] })
  })

  it('takes each planned look once, and what it decided stands', async () => {
    const method = { kind: 'group-sequential', spending: 'pocock', looks: 2 } as const
    const at = await lab({ ...BY_FLAG, method, plannedSubjects: 400 })
    await traffic(at, 0, 150, { old: 0.1, fresh: 0.7 })
    const turn = async () => {
      at.clock.time += 6 * MINUTE
      await Promise.all([1, 2].map(() => lookAfterExperiments(at.context, at.clock.now() + MINUTE)))
      return showExperiment(at.context, 'buttons')
    }
    expect(await turn()).toMatchObject({
      study: { stored: { looks: [] } },
      recommendations: [{ because: 'between-looks' }],
    })
    await traffic(at, 150, 100, { old: 0.1, fresh: 0.7 })
    const decided = await turn()
    expect(decided).toMatchObject({
      study: { stored: { looks: [0.625] } },
      recommendations: [{ recommendation: 'promote' }],
    })
    await traffic(at, 250, 50, { old: 0.1, fresh: 0.1 })
    expect(await turn()).toMatchObject({
      study: { stored: { looks: [0.625] } },
      recommendations: [{ recommendation: 'promote' }],
    })
    await traffic(at, 300, 200, { old: 0.1, fresh: 0.6 })
    expect(await turn()).toMatchObject({ study: { stored: { looks: [0.625, 1] } } })
    await traffic(at, 500, 20, { old: 0.1, fresh: 0.6 })
    expect(await turn()).toMatchObject({ study: { stored: { looks: [0.625, 1] } } })
  })

  it('tells where the flag deals otherwise than at the start, or was killed', async () => {
    const at = await lab()
    await traffic(at, 0, 100, { old: 0.1, fresh: 0.1 })
    await setRollout(at.context, 'checkout', 60, ANN)
    const hold = [{ recommendation: 'hold', because: 'allocation-changed' }]
    expect((await showExperiment(at.context, 'buttons')).recommendations).toMatchObject(hold)
    await setRollout(at.context, 'checkout', 50, ANN)
    expect((await showExperiment(at.context, 'buttons')).recommendations).not.toMatchObject(hold)
    await killFlag(at.context, 'checkout', ANN)
    expect((await showExperiment(at.context, 'buttons')).recommendations).toMatchObject(hold)
  })

  it('removes what belonged to subjects an hour after the stop, and what was concluded stays', async () => {
    const at = await lab()
    await traffic(at, 0, 250, { old: 0.1, fresh: 0.6 })
    await stopExperiment(at.context, 'buttons', { by: 'ann', reason: 'it is over' })
    const kept = async () => (await at.context.ledger.list('experiment-subject/', null, 200)).items.length
    const turn = () => lookAfterExperiments(at.context, at.clock.now() + MINUTE)
    expect(await turn()).toMatchObject({ tidied: [] })
    expect(await kept()).toBe(200)
    at.clock.time += 61 * MINUTE
    await Promise.all([turn(), turn()])
    await turn()
    expect(await kept()).toBe(0)
    expect((await readExperiment(at.context.ledger, 'buttons')).untidied).toEqual([])
    expect(await showExperiment(at.context, 'buttons')).toMatchObject({
      experiment: { status: 'stopped', conclusion: { by: 'ann', reason: 'it is over' } },
      study: { now: { subjects: 250 } },
    })
    const late = await recordEvents(at.context, 'buttons', [{ id: 'e', subject: 'a', kind: 'exposure' }])
    expect(late).toEqual({ kind: 'refused', reason: 'not-running' })
    expect(await analyseExperiment(at.context, await readExperiment(at.context.ledger, 'buttons'))).toBeNull()
  })
})
