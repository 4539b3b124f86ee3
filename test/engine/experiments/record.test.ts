import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ExperimentEvent } from '../../../lib/core/experiment/event.js'
import { keyedHash, sha256 } from '../../../lib/core/experiment/keyed-hash.js'
import { evaluate } from '../../../lib/core/flags/evaluate.js'
import { listEvents } from '../../../lib/engine/experiments/events.js'
import { readCounts, readExperiment } from '../../../lib/engine/experiments/kept.js'
import { recordEvents } from '../../../lib/engine/experiments/record.js'
import { setRollout } from '../../../lib/engine/flags/flags.js'
import { seeded } from '../../core/experiment/values.js'
import type { World } from '../runs/world.js'
import { ANN, BY_FLAG, BY_PATH, FLAG, lab } from './lab.js'

const exposed = (subject: string, id = 'seen'): ExperimentEvent => ({ id, subject, kind: 'exposure' })
const bought = (subject: string, id = 'bought'): ExperimentEvent => ({
  id,
  subject,
  kind: 'happened',
  metric: 'bought',
})
const slow = (subject: string, value: number, id: string): ExperimentEvent => {
  return { id, subject, kind: 'value', metric: 'latency', value }
}

async function countsOf(at: World, name = 'buttons') {
  return (await readCounts(at.context.ledger, await readExperiment(at.context.ledger, name))).counts
}

function variantOf(subject: string): string {
  const flag = { ...FLAG, killed: null, groups: new Map() }
  return evaluate(flag, { key: subject, attributes: {}, environment: null }, 0).variant
}

const USERS = Array.from({ length: 60 }, (_, at) => `user-${at}`)

describe('events of an experiment', () => {
  it('put each subject into the cohort that the flag deals it, once', async () => {
    const at = await lab()
    await recordEvents(
      at.context,
      'buttons',
      USERS.map((user) => exposed(user)),
    )
    await recordEvents(
      at.context,
      'buttons',
      USERS.map((user) => bought(user)),
    )
    const counts = await countsOf(at)
    const fresh = USERS.filter((user) => variantOf(user) === 'fresh').length
    expect(fresh).toBeGreaterThan(10)
    expect(counts.cohorts.fresh?.subjects).toBe(fresh)
    expect(counts.cohorts.old?.subjects).toBe(USERS.length - fresh)
    expect(counts.cohorts.fresh?.metrics.bought?.values.n).toBe(fresh)
    expect(counts.cells.reduce((sum, count) => sum + count)).toBe(USERS.length)
  })

  it('count once, however often they are sent', async () => {
    const at = await lab()
    const batch = [exposed('a'), bought('a'), slow('a', 10, 'l1'), slow('a', 10, 'l1'), slow('a', 20, 'l2')]
    const first = await recordEvents(at.context, 'buttons', batch)
    expect(first).toMatchObject({ kind: 'recorded', counted: 4, repeated: 1 })
    const before = await countsOf(at)
    expect(await recordEvents(at.context, 'buttons', batch)).toMatchObject({ counted: 0, repeated: 5 })
    expect(await countsOf(at)).toEqual(before)
    const values = before.cohorts[variantOf('a')]?.metrics.latency?.values
    expect(values).toEqual({ n: 1, sum: [15, 0], squares: [225, 0] })
  })

  it('count once from many instances at once, over a ledger that answers or does not', async () => {
    const at = await lab()
    const random = seeded(7)
    let asked = 0
    // Every fifth commit happens and is not answered; every seventh does not happen.
    const { ledger } = at.context
    const flaky: typeof ledger = {
      ...ledger,
      async commit(changes, entries) {
        asked += 1
        if (asked % 7 === 0) throw new Error('lost before')
        const answer = await ledger.commit(changes, entries)
        if (asked % 5 === 0) throw new Error('lost after')
        return answer
      },
    }
    const context = { ...at.context, ledger: flaky }
    const events = USERS.flatMap((user, number) => [exposed(user), bought(user), slow(user, number, 'l')])
    const instance = async () => {
      const shuffled = [...events].sort(() => random() - 0.5)
      for (let from = 0; from < shuffled.length; from += 30) {
        const batch = shuffled.slice(from, from + 30)
        for (let tries = 0; tries < 200; tries++) {
          const done = await recordEvents(context, 'buttons', batch).catch(() => null)
          if (done !== null) break
        }
      }
    }
    await Promise.all([instance(), instance(), instance()])
    const { cohorts } = await countsOf(at)
    expect((cohorts.old?.subjects ?? 0) + (cohorts.fresh?.subjects ?? 0)).toBe(USERS.length)
    for (const variant of ['old', 'fresh']) {
      const mine = USERS.map((user, number) => ({ user, number })).filter(({ user }) => variantOf(user) === variant)
      const { latency, bought: conversions } = cohorts[variant]?.metrics ?? {}
      expect(conversions?.values.n).toBe(mine.length)
      expect(latency?.values.sum[0]).toBe(mine.reduce((sum, { number }) => sum + number, 0))
    }
    const { items } = await listEvents(context, { experiment: 'buttons', limit: 500 })
    expect(items).toHaveLength(events.length)
  })

  it('leave a subject where it was first, whatever the flag deals later', async () => {
    const at = await lab()
    const [user = ''] = USERS.filter((one) => variantOf(one) === 'fresh')
    await recordEvents(at.context, 'buttons', [exposed(user)])
    await setRollout(at.context, 'checkout', 0.001, ANN)
    await recordEvents(at.context, 'buttons', [bought(user)])
    expect((await countsOf(at)).cohorts.fresh).toMatchObject({ subjects: 1, metrics: { bought: { values: { n: 1 } } } })
  })

  it('leave out whoever a rule, and not chance, gave its variant', async () => {
    const when = [{ on: 'attribute' as const, attribute: 'staff', operator: 'equals' as const, value: true }]
    const at = await lab(BY_FLAG, { ...FLAG, rules: [{ when, rollout: { ...FLAG.rollout, percent: 100 } }] })
    const staff = { ...exposed('a'), attributes: { staff: true } }
    const told = { ...exposed('b'), variant: variantOf('b') === 'old' ? 'fresh' : 'old' }
    const outcome = await recordEvents(at.context, 'buttons', [staff, bought('a'), told, exposed('c')])
    expect(outcome).toMatchObject({ outside: 3, counted: 1, outcomes: ['outside', 'outside', 'outside', 'counted'] })
    expect((await countsOf(at)).outside).toBe(2)
    expect(await recordEvents(at.context, 'buttons', [bought('a', 'again')])).toMatchObject({ outside: 1 })
    expect((await countsOf(at)).outside).toBe(2)
  })

  it('by the path that served: a subject stays on its first path, and what crosses is told', async () => {
    const at = await lab(BY_PATH)
    const by = (path: string, id: string) => ({ ...slow('r1', 5, id), path })
    const pair = {
      id: 'p',
      subject: 'r1',
      path: 'source',
      kind: 'pair',
      metric: 'both',
      control: 9,
      treatment: 7,
    } as const
    const events = [by('source', 'a'), by('target', 'b'), by('source', 'c'), pair]
    expect(await recordEvents(at.context, 'reads', events)).toMatchObject({ counted: 3, crossed: 1 })
    expect(await recordEvents(at.context, 'reads', events)).toMatchObject({ counted: 0, repeated: 4 })
    const counts = await countsOf(at, 'reads')
    expect(counts).toMatchObject({ crossed: 1, cohorts: { source: { subjects: 1 } } })
    expect(counts.cohorts.source?.metrics.both?.values.sum).toEqual([-2, 0])
  })

  it('of one subject are bounded', async () => {
    const at = await lab()
    const many = Array.from({ length: 300 }, (_, number) => slow('bot', 1, `n${number}`))
    for (let from = 0; from < 300; from += 100) await recordEvents(at.context, 'buttons', many.slice(from, from + 100))
    expect(await recordEvents(at.context, 'buttons', [slow('bot', 1, 'more')])).toMatchObject({ overLimit: 1 })
    expect(await recordEvents(at.context, 'buttons', [slow('bot', 1, 'n0')])).toMatchObject({ repeated: 1 })
    const hundredOne = Array.from({ length: 101 }, (_, number) => exposed(`u${number}`))
    await expect(recordEvents(at.context, 'buttons', hundredOne)).rejects.toMatchObject({ code: 'too-large' })
  })

  it.each([
    ['a value that is no number', slow('a', Number.NaN, 'x')],
    ['a value without end', slow('a', Number.POSITIVE_INFINITY, 'x')],
    ['a value too large', slow('a', 1e13, 'x')],
    ['no subject', exposed('')],
    ['half a character', exposed('\ud800')],
    ['no id', exposed('a', '')],
    ['no metric of the experiment', { ...bought('a'), metric: 'nothing' } as ExperimentEvent],
    ['a value for what happens or does not', { ...slow('a', 1, 'x'), metric: 'bought' } as ExperimentEvent],
    ['a time before all times', { ...exposed('a'), at: -1 }],
    ['a time after all times', { ...exposed('a'), at: 9e15 }],
    [
      'a value of a behaviour',
      { id: 'x', subject: 'a', kind: 'behaviour', name: 'n', value: Number.NaN } as ExperimentEvent,
    ],
  ])('with %s are refused, and the whole batch with them', async (_, event) => {
    const at = await lab()
    const batch = recordEvents(at.context, 'buttons', [exposed('good'), event])
    await expect(batch).rejects.toMatchObject({
      code: 'invalid-input',
      details: { faults: [expect.stringMatching(/^Event 1:/)] },
    })
    expect((await countsOf(at)).cohorts).toEqual({})
  })

  it('need the path, where it says the cohort', async () => {
    const at = await lab(BY_PATH)
    await expect(recordEvents(at.context, 'reads', [exposed('a')])).rejects.toMatchObject({ code: 'invalid-input' })
  })

  it('are listed by what one asks for, with subjects as keyed hashes alone', async () => {
    const at = await lab()
    const clicked = { id: 'c', subject: 'anna@example.org', kind: 'behaviour', name: 'clicked', value: 2 } as const
    await recordEvents(at.context, 'buttons', [clicked, exposed('b'), bought('b')])
    const of = async (query: object) => listEvents(at.context, { experiment: 'buttons', limit: 10, ...query })
    expect((await of({ subject: 'anna@example.org' })).items).toMatchObject([
      { kind: 'behaviour', name: 'clicked', value: 2 },
    ])
    expect((await of({ metric: 'bought' })).items).toMatchObject([{ kind: 'happened', round: 1 }])
    const first = await of({ limit: 2 })
    expect(first.items).toHaveLength(2)
    expect((await of({ before: first.next })).items).toHaveLength(1)
    const everything: string[] = []
    for (const prefix of ['experiment', 'state'])
      everything.push(JSON.stringify(await at.context.ledger.list(prefix, null, 200)))
    for (const stream of ['state/behaviour-event', 'state/experiment-cohort', 'audit'])
      everything.push(JSON.stringify(await at.context.ledger.entries(stream, { newestFirst: true, limit: 100 })))
    expect(everything.join()).toContain('clicked')
    expect(everything.join()).not.toContain('anna')
  })
})

describe('keyed hashes', () => {
  it('are those of node:crypto', () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 1_000]) {
      const text = 'é'.repeat(length).slice(0, length)
      expect(Buffer.from(sha256(new TextEncoder().encode(text))).toString('hex')).toBe(
        createHash('sha256').update(text).digest('hex'),
      )
      for (const key of ['k', 'long'.repeat(30)])
        expect(keyedHash(key, text)).toBe(createHmac('sha256', key).update(text).digest('hex').slice(0, 32))
    }
  })
})
