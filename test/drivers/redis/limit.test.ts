import { describe, expect, it } from 'vitest'
import { Gate } from '../../../lib/core/failing/gate.js'
import { notSent, notSentReason } from '../../../lib/core/failing/not-sent.js'
import { limited, type Send } from '../../../lib/drivers/redis/limit.js'

function recording() {
  const sent: string[] = []
  let commands = 0
  const send: Send = async (path, body, verb) => {
    sent.push(verb)
    commands += path[0] === 'pipeline' ? (body as unknown[]).length : 1
    return { result: 'OK' }
  }
  return { send, sent, count: () => commands }
}

const settle = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'sent',
    (error: unknown) => notSentReason(error) ?? 'other',
  )

describe('commands a second', () => {
  it('are let through up to the burst, and no faster than the rate after it', async () => {
    const { send, count } = recording()
    const { send: paced } = await limited(send, { commands: { perSecondMax: 200, burst: 20, waitMs: 10_000 } })
    const began = performance.now()
    await Promise.all(Array.from({ length: 60 }, () => paced([], ['GET', 'k'], 'GET')))
    const seconds = (performance.now() - began) / 1_000
    expect(count()).toBe(60)
    expect(seconds).toBeGreaterThan(0.19)
    expect(count()).toBeLessThanOrEqual(20 + 200 * seconds + 1)
  })

  it('count each command of a pipeline, and a script as one', async () => {
    const { send } = recording()
    const { send: paced } = await limited(send, { commands: { perSecondMax: 0.001, burst: 10, waitMs: 30 } })
    await paced(
      ['pipeline'],
      [
        ['GET', 'a'],
        ['GET', 'b'],
        ['GET', 'c'],
        ['GET', 'd'],
      ],
      'pipeline',
    )
    await paced([], ['EVALSHA', 'x', 6, 'a', 'b', 'c', 'd', 'e', 'f'], 'EVALSHA')
    expect(await settle(paced(['pipeline'], Array(6).fill(['GET', 'a']), 'pipeline'))).toBe('throttled')
  })

  it('that find no room within the time that one waits fail, and were not sent', async () => {
    const { send, sent } = recording()
    const { send: paced } = await limited(send, { commands: { perSecondMax: 1, burst: 2, waitMs: 50 } })
    const ends = await Promise.all(Array.from({ length: 10 }, () => settle(paced([], ['SET', 'k', 'v'], 'SET'))))
    expect([ends.filter((end) => end === 'sent').length, sent.length]).toEqual([2, 2])
    expect(ends.filter((end) => end === 'throttled')).toHaveLength(8)
  })

  it('go to the application first: runs get what is left', async () => {
    const { send, sent } = recording()
    const both = await limited(send, { commands: { perSecondMax: 100, burst: 1, waitMs: 10_000 } })
    const work = [
      ...Array.from({ length: 5 }, () => both.sendLater([], ['EVALSHA'], 'run')),
      ...Array.from({ length: 15 }, () => both.send([], ['GET'], 'application')),
    ]
    await Promise.all(work)
    // The first of the runs went while nobody else was there.
    expect(sent.slice(1, 16)).toEqual(Array(15).fill('application'))
    expect(sent.slice(16)).toEqual(Array(4).fill('run'))
  })

  it('of one request beyond the burst are waited for, not refused', async () => {
    const { send, count } = recording()
    const { send: paced } = await limited(send, { commands: { perSecondMax: 500, burst: 10, waitMs: 10_000 } })
    await paced(['pipeline'], Array(60).fill(['GET', 'a']), 'pipeline')
    expect(count()).toBe(60)
  })
})

describe('without limits', () => {
  it('the sending is the sending itself', async () => {
    const { send } = recording()
    const { send: paced, sendLater } = await limited(send)
    expect([paced, sendLater]).toEqual([send, send])
  })
})

describe('requests under way at once', () => {
  it('are bounded, and beyond what may wait they are refused unsent', async () => {
    let underWay = 0
    let most = 0
    const slow: Send = async () => {
      underWay += 1
      most = Math.max(most, underWay)
      await new Promise((resolve) => setTimeout(resolve, 5))
      underWay -= 1
      return { result: 1 }
    }
    const gate = new Gate({ atOnce: 3, waitingMax: 5 }, () => notSent('too-many-requests', 'the target', 1))
    const { send } = await limited(slow, { gate })
    const ends = await Promise.all(Array.from({ length: 12 }, () => settle(send([], ['GET', 'a'], 'GET'))))
    expect([most, ends.filter((end) => end === 'sent').length]).toEqual([3, 8])
    expect(ends.filter((end) => end === 'too-many-requests')).toHaveLength(4)
  })
})
