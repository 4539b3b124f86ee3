import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { CasAnswer, SourceView } from '../../lib/core/protocol/answers.js'
import type { Program } from './behaviour.js'
import { type Chain, wholeOf } from './chain.js'
import { explore, type Fault } from './explore.js'
import { adding, put, read, to } from './parts.js'
import { type Ask, type Request, requestOf } from './requests.js'
import type { Outcome, StoreStates } from './stores.js'
import { successorsOf } from './successors.js'
import { firstRow, layoutOf, type Whole } from './whole.js'

/** The search itself: what is broken is found out, in few steps, and what it tells leads there. */
const STATES_MAX = 100_000

function chain(from: string, ...clients: Chain['clients']): Chain {
  return { name: 'broken', before: to(from), clients, operators: [] }
}

/** The same store, of which `calls` end otherwise. */
function broken<S extends StoreStates>(
  store: S,
  calls: string,
  change: (now: Outcome, before: number) => Partial<Outcome>,
): S {
  const after: StoreStates['after'] = (state, time, request, number) => {
    const now = store.after(state, time, request, number)
    if (request.call !== calls) return now
    const changed = (outcome: Outcome): Outcome => ({ ...outcome, ...change(outcome, state) })
    return now instanceof Promise ? now.then(changed) : changed(now)
  }
  return { ...store, after }
}

async function faultOf(whole: Whole): Promise<Fault> {
  const { fault, complete } = await explore(whole, STATES_MAX)
  expect(complete).toBe(false)
  if (fault === null) throw new Error('Nothing was found.')
  await expectReplay(whole, fault)
  return fault
}

/** Follows the steps that were told, wherever they may lead, to the fault. */
async function expectReplay(whole: Whole, { steps, text }: Fault): Promise<void> {
  const layout = layoutOf(whole)
  const successors = successorsOf(whole, layout)
  let rows = [firstRow(whole, layout)]
  let faults: string[] = []
  for (const step of steps) {
    expect(faults).toEqual([])
    const next = new Map<string, Int32Array>()
    for (const row of rows) {
      for (;;) {
        const waiting = successors(row, (to, label, fault) => {
          if (label() !== step) return
          if (fault === null) next.set(to.join(), to.slice())
          else faults.push(fault)
        })
        if (waiting === null) break
        faults = []
        await waiting
      }
    }
    rows = [...next.values()]
  }
  expect(faults).toContain(text)
}

describe('a store that', () => {
  test('acknowledges a write and does not keep it', async () => {
    const whole = await wholeOf(chain('dualwrite', put('w1'), read('r1')))
    const source = broken(whole.source, 'cas', (_, before) => ({ state: before }))
    const { text, steps } = await faultOf({ ...whole, source })
    expect(text).toBe('r1 read old, which no order explains.')
    expect(steps.length).toBeLessThanOrEqual(4)
  })

  test('answers reads from the past', async () => {
    const whole = await wholeOf(chain('rampdown', put('w1'), read('r1')))
    const first = await whole.target.after(whole.initial.target, 0, requestOf('target', 'get', ['k']), 2 ** 20)
    const old = broken(whole.target, 'get', (_, before) => ({ ...first, state: before }))
    const { text, steps } = await faultOf({ ...whole, target: old })
    expect(text).toBe('r1 read old, which no order explains.')
    expect(steps.length).toBeLessThanOrEqual(3)
  })

  test('gives one version to two writes', async () => {
    const whole = await wholeOf(chain('off', put('w1'), put('w2')))
    const source = broken(whole.source, 'cas', ({ answer }) => ({ answer: { ...(answer as CasAnswer), version: 9 } }))
    const { text, steps } = await faultOf({ ...whole, source })
    expect(text).toMatch(/^w[12]: version k 9 names w[12] and w[12]\.$/)
    expect(steps.length).toBeLessThanOrEqual(4)
  })

  test('takes a copy for settled that the other lacks', async () => {
    const whole = await wholeOf(chain('live', put('w1')))
    const source = broken(whole.source, 'apply', (_, before) => ({ state: before }))
    const { text, steps } = await faultOf({ ...whole, source })
    expect(text).toBe('In live the stores of projects differ in a copy that is not open.')
    expect(steps.length).toBeLessThanOrEqual(3)
  })
})

describe('a program that', () => {
  const seen = async (ask: Ask): Promise<SourceView | null> =>
    ((await ask(requestOf('source', 'get', ['k']))).answer?.value as SourceView | undefined) ?? null

  function added({ fence, copy }: SourceView, op: string): { request: Request; text: string } {
    const text = `${copy?.value?.text}+a1`
    const write = { id: 'k', base: copy?.version ?? 0, op, named: false, value: { id: 'k', text } }
    return { request: requestOf('source', 'cas', [fence, write]), text }
  }

  const astray = { mishaps: 1, strays: 1 }

  test('calls a write failed that was not answered', async () => {
    const hasty: Program = async ({ ask, emit }) => {
      const view = await seen(ask)
      if (view === null) return
      const written = await ask(added(view, 'a1').request)
      emit(written.answer === null ? { kind: 'failed', of: 0 } : { kind: 'unknown', of: 0 })
    }
    const bounded = { ...chain('off', adding('a1'), read('r1')), bounds: astray }
    const { text, steps } = await faultOf(await wholeOf(bounded, { a1: hasty }))
    expect(text).toBe('r1 read old+a1, which no order explains.')
    expect(steps.length).toBeLessThanOrEqual(4)
  })

  test('acknowledges a write that was not answered, though no request is ever late', async () => {
    const hopeful: Program = async ({ ask, emit }) => {
      const view = await seen(ask)
      if (view === null) return
      await ask(added(view, 'a1').request)
      emit({ kind: 'written', of: 0, told: undefined, version: 0 })
    }
    const bounded = { ...chain('off', adding('a1'), read('r1')), bounds: { mishaps: 1 } }
    const { text, steps } = await faultOf(await wholeOf(bounded, { a1: hopeful }))
    expect(text).toBe('r1 read old, which no order explains.')
    expect(steps.length).toBeLessThanOrEqual(4)
  })

  test('tries again under another name', async () => {
    const eager: Program = async ({ ask, emit }) => {
      for (const op of ['a1', 'a1 again']) {
        const view = await seen(ask)
        if (view === null) return
        const { request, text } = added(view, op)
        const kept = (await ask(request)).answer?.value as CasAnswer | undefined
        if (kept?.kind === 'ok') return emit({ kind: 'written', of: 0, told: text, version: kept.version })
      }
    }
    const bounded = { ...chain('off', adding('a1'), read('r1')), bounds: astray }
    const { text, steps } = await faultOf(await wholeOf(bounded, { a1: eager }))
    expect(text).toMatch(/old\+a1\+a1, which no order explains\.$/)
    expect(steps.length).toBeLessThanOrEqual(5)
  })

  test('does otherwise when it is played again, waits for no request, or speaks too early', async () => {
    let plays = 0
    const fickle: Program = async ({ ask }) => {
      plays += 1
      for (let turn = 0; turn < 3; turn++) await ask(requestOf('source', 'get', [`k${plays}`]))
    }
    const idle: Program = async ({ ask }) => {
      await ask(requestOf('source', 'get', ['k']))
      // For ever: a timer may end before the search looks.
      await new Promise(() => undefined)
    }
    const early: Program = async ({ emit }) => emit({ kind: 'failed', of: 0 })
    const searched = async (program: Program): Promise<unknown> =>
      explore(await wholeOf(chain('off', put('w1')), { w1: program }), STATES_MAX)
    await expect(searched(fickle)).rejects.toThrow('w1 does not do the same again.')
    await expect(searched(idle)).rejects.toThrow('w1 waits for something that is no request.')
    await expect(searched(early)).rejects.toThrow('w1 says something before it asks anything.')
  })
})

describe('a search', () => {
  test('that is ended early says so', async () => {
    const whole = await wholeOf(chain('dualwrite', put('w1'), read('r1')))
    const { states } = await explore(whole, STATES_MAX)
    expect(await explore(whole, STATES_MAX)).toMatchObject({ complete: true, fault: null })
    const early = await explore(whole, states - 1)
    expect(early).toMatchObject({ complete: false, fault: null })
    expect(early.states).toBeLessThan(states)
  })

  test('begins only where what must be done before was done', async () => {
    const never: Chain = { ...chain('shadow', put('w1')), before: [...to('shadow'), { direction: 'up' }] }
    await expect(wholeOf(never)).rejects.toThrow('target-not-full')
  })

  test('of no chain is refused', { timeout: 60_000 }, async () => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url))
    const run = promisify(execFile)(process.execPath, ['--import', 'tsx', main, '--chain', 'no such chain'])
    await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('No chain has') })
  })
})
