import { describe, expect, it } from 'vitest'
import { CutoverError, QUOTA_EXCEEDED } from '../../lib/core/error.js'
import { backOff, backOffMost } from '../../lib/core/failing/back-off.js'
import { BREAKER_RULES, Breaker } from '../../lib/core/failing/breaker.js'
import { Gate } from '../../lib/core/failing/gate.js'
import { CONTENDED, isSilence, NOT_SENT_REASONS, notSent, notSentReason } from '../../lib/core/failing/not-sent.js'

const HALF = { random: () => 0.5 }

describe('back-off with full jitter', () => {
  it('is anywhere between nothing and a bound that doubles up to the cap', () => {
    const bounds = [0, 1, 2, 3, 4, 5].map((attempt) => backOffMost({ attempt, baseMs: 100, capMs: 1_000 }))
    expect(bounds).toEqual([100, 200, 400, 800, 1_000, 1_000])
    expect(backOff({ attempt: 2, baseMs: 100, capMs: 1_000 }, { random: () => 0 })).toBe(0)
    expect(backOff({ attempt: 2, baseMs: 100, capMs: 1_000 }, { random: () => 0.999 })).toBeLessThan(400)
    expect(backOff({ attempt: 1e9, baseMs: 1, capMs: 50 }, HALF)).toBe(25)
  })

  it('spreads callers that failed together evenly', () => {
    let seed = 7
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const waits = Array.from({ length: 10_000 }, () => backOff({ attempt: 3, baseMs: 10, capMs: 1_000 }, { random }))
    const tenths = Array.from({ length: 10 }, (_, tenth) => waits.filter((ms) => Math.floor(ms / 8) === tenth).length)
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })
})

describe('what was not sent', () => {
  it('is unavailable, and says why', () => {
    for (const reason of NOT_SENT_REASONS) {
      const error = notSent(reason, 'the target', 3)
      expect([error.code, error.details]).toEqual(['unavailable', { reason, retryAfterSeconds: 3 }])
      expect(notSentReason(error)).toBe(reason)
      expect(isSilence(error)).toBe(false)
    }
  })

  it('is nothing else', () => {
    const others = [
      new CutoverError('unavailable', 'No answer.'),
      new CutoverError('contended', 'Too many.', { details: { reason: 'throttled' } }),
      new Error('circuit-open'),
      null,
    ]
    for (const other of others) expect(notSentReason(other)).toBeNull()
  })

  it('silence is an answer that never came, and no refusal', () => {
    const silent = (details: CutoverError['details']) => isSilence(new CutoverError('unavailable', 'x', { details }))
    expect([silent({}), silent({ command: 'GET' }), silent({ reply: 'ERR' })]).toEqual([true, true, true])
    expect([silent({ reply: 'OOM' }), silent({ reason: CONTENDED })]).toEqual([false, false])
    expect(silent({ reply: 'ERR', reason: QUOTA_EXCEEDED })).toBe(true)
    for (const code of ['contended', 'corrupt-document', 'too-large', 'internal'] as const)
      expect(isSilence(new CutoverError(code, 'x'))).toBe(false)
  })
})

describe('a breaker', () => {
  const { inARow, ofRequests, windowMs } = BREAKER_RULES

  it('opens after so many silences in a row, and not after one fewer with an answer in between', () => {
    const breaker = new Breaker()
    for (let n = 1; n < inARow; n++) expect(breaker.silent(n, HALF)).toBe(false)
    breaker.answered()
    for (let n = 1; n < inARow; n++) expect(breaker.silent(n, HALF)).toBe(false)
    expect(breaker.silent(9, HALF)).toBe(true)
    expect([breaker.state, breaker.because, breaker.opened, breaker.changedAt]).toEqual([
      'open',
      'silent-in-a-row',
      1,
      9,
    ])
    expect(breaker.silent(10, HALF)).toBe(false)
  })

  it('opens when every second request of enough has no answer, within the window alone', () => {
    const breaker = new Breaker()
    let at = 0
    const second = (): boolean => {
      breaker.answered()
      return breaker.silent(at, HALF)
    }
    for (let n = 1; n < ofRequests / 2; n++) expect(second()).toBe(false)
    at = windowMs + 1
    expect(second()).toBe(false)
    for (let n = 1; n <= ofRequests / 2 && breaker.state === 'closed'; n++) second()
    expect([breaker.state, breaker.because]).toEqual(['open', 'silent-too-often'])
  })

  it('waits longer after every probe that fails, up to a cap, and forgets it once closed', () => {
    const breaker = new Breaker()
    breaker.open('silent-in-a-row', 0, HALF)
    const waits: number[] = []
    for (let n = 0; n < 8; n++) {
      waits.push(breaker.nextLookAt)
      breaker.probe(0)
      expect(breaker.state).toBe('half-open')
      breaker.probeFailed(0, HALF)
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000])
    breaker.probe(0)
    breaker.close(1)
    expect([breaker.state, breaker.attempt]).toEqual(['closed', 0])
  })

  it('is open again at the first silence after it closed, and on probation no longer after one answer', () => {
    const breaker = new Breaker()
    breaker.open('forced', 0, HALF)
    breaker.close(1)
    expect(breaker.silent(2, HALF)).toBe(true)
    breaker.close(3)
    breaker.answered()
    expect(breaker.silent(4, HALF)).toBe(false)
  })
})

describe('a gate', () => {
  function gate(atOnce: number, waitingMax: number) {
    const order: string[] = []
    const open = new Gate({ atOnce, waitingMax }, () => notSent('too-many-requests', 'the source', 1))
    const enter = (name: string) => {
      let finish = (): void => {}
      const done = open.pass(async () => {
        order.push(name)
        await new Promise<void>((resolve) => {
          finish = resolve
        })
        return name
      })
      return { done, finish: () => finish() }
    }
    return { open, order, enter }
  }

  it('lets so many in at once, the others in their order, and refuses beyond what may wait', async () => {
    const { open, order, enter } = gate(2, 2)
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(enter)
    await expect(enter('e').done).rejects.toMatchObject({ details: { reason: 'too-many-requests' } })
    expect([order, open.underWay, open.waiting]).toEqual([['a', 'b'], 2, 2])
    b?.finish()
    await b?.done
    await Promise.resolve()
    expect(order).toEqual(['a', 'b', 'c'])
    a?.finish()
    await a?.done
    c?.finish()
    await c?.done
    await Promise.resolve()
    d?.finish()
    await expect(d?.done).resolves.toBe('d')
    await Promise.resolve()
    expect([open.underWay, open.waiting]).toEqual([0, 0])
  })

  it('has room again after work that fails or throws', async () => {
    const { open } = gate(1, 0)
    for (let n = 0; n < 3; n++) {
      await expect(open.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
      const thrown = open.pass(() => {
        throw new Error('at once')
      })
      await expect(thrown).rejects.toThrow('at once')
    }
    await expect(open.pass(async () => 1)).resolves.toBe(1)
  })

  it('lets thousands through in order', async () => {
    const { open } = gate(3, 5_000)
    const seen: number[] = []
    await Promise.all(
      Array.from({ length: 5_000 }, (_, n) =>
        open.pass(async () => {
          seen.push(n)
          await null
        }),
      ),
    )
    expect(seen).toEqual(Array.from({ length: 5_000 }, (_, n) => n))
  })
})
