import { describe, expect, test } from 'vitest'
import { serverMs } from '../../../../lib/dashboard/client/live/connection.js'
import type { LiveEvent } from '../../../../lib/dashboard/client/live/live.js'
import { answering, Playing, START_MS, stateAt } from './playing.js'

const HOUR_MS = 3_600_000

describe('a page that is followed by the event stream', () => {
  test('opens it at once, after what it was loaded with, and says so', () => {
    const playing = new Playing(stateAt(START_MS, { position: '7-1' }))
    expect(playing.effects).toEqual([{ kind: 'open-stream', after: '7-1' }])
    expect(playing.connection().kind).toBe('connecting')
    playing.tell({ kind: 'stream-opened' })
    expect(playing.connection()).toMatchObject({ kind: 'live', stale: false })
  })

  test('asks for the alerts, the runs and the collections often, and for everything now and then', () => {
    const playing = streaming()
    playing.pass(25_000)
    expect(playing.asks().map(({ parts }) => parts === null)).toEqual([false, true])
    expect(playing.asks()[0]?.parts).toEqual(expect.arrayContaining(['alerts', 'runs', 'collections', 'health']))
  })

  test('asks for a little when something was written, and for everything when something was done', () => {
    const playing = streaming()
    playing.pass(3_000)
    playing.tell({ kind: 'stream-said', position: '8-0', isEntry: false })
    expect(playing.asks().at(-1)?.parts).toContain('runs')
    playing.pass(3_000)
    playing.tell({ kind: 'stream-said', position: '9-0', isEntry: true })
    expect(playing.asks().at(-1)?.parts).toBeNull()
  })

  test('asks at most once in two seconds, however much happens, and never twice at a time', () => {
    const playing = streaming()
    playing.pass(3_000)
    const before = playing.asks().length
    for (let n = 0; n < 200; n++) {
      playing.tell({ kind: 'stream-said', position: `${10 + n}-0`, isEntry: true })
      playing.pass(50)
    }
    expect(playing.asks().length - before).toBeLessThanOrEqual(6)
    expect(playing.asks().length - before).toBeGreaterThanOrEqual(5)
    playing.answer = null
    playing.pass(HOUR_MS)
    expect(playing.asks().length - before).toBeLessThanOrEqual(7)
  })

  test('asks now and then while nothing happens, and every two seconds while a run is active', () => {
    const quiet = streaming()
    quiet.pass(60_000)
    expect(quiet.asks()).toHaveLength(5)
    const runs = [{ id: 'r', status: 'running' }] as never
    const busy = new Playing(stateAt(START_MS, { runs }))
    busy.answer = ({ number }) => ({
      kind: 'answered',
      number,
      state: stateAt(START_MS + busy.monoMs, { runs }),
    })
    busy.tell({ kind: 'stream-opened' })
    busy.pass(60_000)
    expect(busy.asks()).toHaveLength(30)
    expect(busy.connection().everySeconds).toBe(2)
  })

  test('asks for everything as soon as a part says that something turned', () => {
    const playing = streaming()
    playing.answer = ({ number }) => {
      const collections = [{ collection: 'projects', stage: 'shadow', epoch: 2 }] as never
      return { kind: 'answered', number, state: stateAt(START_MS + playing.monoMs, { collections }) }
    }
    playing.pass(3_000)
    playing.tell({ kind: 'stream-said', position: '8-0', isEntry: false })
    playing.pass(2_100)
    expect(playing.asks().map(({ parts }) => parts === null)).toEqual([false, true])
  })

  test('is live while the stream is closed and opened again, and goes on where it was', () => {
    const playing = streaming()
    playing.tell({ kind: 'stream-said', position: '8-0', isEntry: false })
    playing.tell({ kind: 'stream-cut' })
    playing.pass(1_500)
    expect(playing.connection().kind).toBe('live')
    playing.tell({ kind: 'stream-opened' })
    expect(playing.count('open-stream')).toBe(1)
    expect(playing.live.stream.position).toBe('8-0')
  })

  test('opens a stream anew that no longer tells what the answers know', () => {
    const playing = streaming()
    playing.tell({ kind: 'stream-said', position: '8-0', isEntry: false })
    playing.answer = ({ number }) => ({
      kind: 'answered',
      number,
      state: stateAt(START_MS + playing.monoMs, { position: '9-0' }),
    })
    playing.pass(30_000)
    expect(playing.count('close-stream')).toBe(1)
    expect(playing.effects.filter(({ kind }) => kind === 'open-stream').at(-1)).toEqual({
      kind: 'open-stream',
      after: '8-0',
    })
  })
})

describe('a page without the event stream', () => {
  test('asks every five seconds, says so, and comes back to the stream when that works', () => {
    const playing = streaming()
    playing.tell({ kind: 'stream-refused' })
    expect(playing.connection().kind).toBe('polling')
    const before = playing.asks().length
    playing.pass(4_000)
    expect(playing.asks().length - before).toBe(1)
    expect(playing.connection().everySeconds).toBe(5)
    playing.pass(2_000)
    expect(playing.count('open-stream')).toBe(2)
    playing.tell({ kind: 'stream-opened' })
    expect(playing.connection().kind).toBe('live')
  })

  test('tries the stream more and more rarely, and at least once in two minutes', () => {
    const playing = streaming()
    playing.tell({ kind: 'stream-refused' })
    const opened: number[] = []
    for (let second = 0; second < 1_200; second++) {
      const before = playing.count('open-stream')
      playing.pass(1_000)
      if (playing.count('open-stream') > before) {
        opened.push(second)
        playing.tell({ kind: 'stream-refused' })
      }
    }
    expect(opened.length).toBeGreaterThan(10)
    expect(opened.length).toBeLessThan(30)
  })

  test('gives up a connection that the browser does not bring about', () => {
    const playing = streaming()
    playing.tell({ kind: 'stream-cut' })
    playing.tell({ kind: 'stream-cut' })
    playing.tell({ kind: 'stream-cut' })
    playing.tell({ kind: 'stream-cut' })
    expect(playing.count('close-stream')).toBe(1)
    expect(playing.connection().kind).toBe('polling')
    const slow = streaming()
    slow.tell({ kind: 'stream-cut' })
    slow.pass(16_000)
    expect(slow.count('close-stream')).toBe(1)
  })
})

describe('a page that gets no answers', () => {
  test('keeps what it shows, marks it, says since when, and is back with the first answer', () => {
    const playing = streaming()
    playing.pass(13_000)
    const shown = playing.live.shown?.state
    const right = playing.answer
    playing.answer = ({ number }) => ({ kind: 'failed', number, trouble: 'away', waitMs: null })
    for (let cuts = 0; cuts < 4; cuts++) playing.tell({ kind: 'stream-cut' })
    expect(playing.count('close-stream')).toBe(1)
    playing.pass(5_000)
    expect(playing.connection()).toMatchObject({ kind: 'offline', stale: true, trouble: 'away' })
    playing.pass(HOUR_MS)
    expect(playing.live.shown?.state).toBe(shown)
    expect(playing.connection().asOfMs).toBe(START_MS + 12_000)
    expect(playing.count('open-stream')).toBe(1)
    playing.answer = right
    for (let second = 0; second < 38 && playing.count('open-stream') === 1; second++) playing.pass(1_000)
    expect(playing.connection()).toMatchObject({ kind: 'connecting', stale: false, trouble: null })
  })

  test('opens the stream at once when it is answered again, however often that failed before', () => {
    const playing = streaming()
    const right = playing.answer
    for (let time = 0; time < 5; time++) {
      playing.tell({ kind: 'stream-refused' })
      playing.pass(70_000)
    }
    playing.answer = ({ number }) => ({ kind: 'failed', number, trouble: 'away', waitMs: null })
    playing.tell({ kind: 'stream-refused' })
    playing.pass(5_000)
    const before = playing.count('open-stream')
    playing.answer = right
    playing.tell({ kind: 'online' })
    expect(playing.count('open-stream')).toBe(before + 1)
  })

  test('waits longer each time, half a minute at most, and as long as it is told to', () => {
    const playing = streaming()
    playing.answer = ({ number }) => ({ kind: 'failed', number, trouble: 'away', waitMs: null })
    playing.tell({ kind: 'acted' })
    playing.pass(300_000)
    expect(playing.asks().length).toBeGreaterThan(10)
    expect(playing.asks().length).toBeLessThan(18)
    playing.answer = ({ number }) => ({ kind: 'failed', number, trouble: 'away', waitMs: 25_000 })
    const told = streaming(playing.answer)
    told.tell({ kind: 'acted' })
    told.pass(24_000)
    expect(told.asks()).toHaveLength(1)
    told.pass(2_000)
    expect(told.asks()).toHaveLength(2)
  })

  test('is offline as soon as the browser knows it, and asks at once when it is online again', () => {
    const playing = streaming()
    playing.tell({ kind: 'offline' })
    expect(playing.connection()).toMatchObject({ kind: 'offline', stale: true })
    const before = playing.asks().length
    playing.tell({ kind: 'online' })
    expect(playing.asks().length - before).toBe(1)
    expect(playing.connection().kind).toBe('live')
  })

  test('says that it is signed out, shows what it showed, and goes on when somebody signed in again', () => {
    const playing = streaming()
    const right = playing.answer
    playing.answer = ({ number }) => ({ kind: 'signed-out', number })
    playing.tell({ kind: 'stream-refused' })
    playing.pass(3_000)
    expect(playing.connection()).toMatchObject({ kind: 'signed-out', stale: true })
    expect(playing.live.shown).not.toBeNull()
    const before = playing.asks().length
    playing.pass(300_000)
    expect(playing.asks().length - before).toBeLessThanOrEqual(10)
    expect(playing.count('open-stream')).toBe(1)
    playing.answer = right
    playing.tell({ kind: 'shown' })
    expect(playing.connection()).toMatchObject({ kind: 'connecting', stale: false })
    expect(playing.count('open-stream')).toBe(2)
  })
})

describe('a page that nobody sees', () => {
  test('asks for nothing after a minute, sets no timer, and is brought up to date when it is shown', () => {
    const playing = streaming()
    playing.tell({ kind: 'hidden' })
    playing.pass(61_000)
    const before = playing.asks().length
    expect(playing.count('close-stream')).toBe(1)
    playing.pass(10 * HOUR_MS)
    expect(playing.asks().length).toBe(before)
    playing.tell({ kind: 'shown' })
    expect(playing.asks().length).toBe(before + 1)
    expect(playing.asks().at(-1)?.parts).toBeNull()
    expect(playing.count('open-stream')).toBe(2)
  })

  test('loses nothing by a glance at another tab', () => {
    const playing = streaming()
    playing.tell({ kind: 'hidden' })
    playing.pass(30_000)
    playing.tell({ kind: 'shown' })
    playing.pass(60_000)
    expect(playing.count('close-stream')).toBe(0)
  })
})

describe('what is shown', () => {
  test('is not replaced by what is older, unless all that comes is older', () => {
    const playing = streaming(null)
    const older = (): LiveEvent => ({
      kind: 'answered',
      number: playing.live.number,
      state: stateAt(START_MS - HOUR_MS, { position: '1-0' }),
    })
    const before = playing.live.shown?.state
    for (let turn = 0; turn < 3; turn++) {
      playing.tell({ kind: 'acted' })
      playing.tell(older())
      expect(playing.live.shown?.state).toBe(before)
    }
    playing.tell({ kind: 'acted' })
    playing.tell(older())
    expect(playing.live.shown?.state.at).toBe(new Date(START_MS - HOUR_MS).toISOString())
  })

  test('is ordered by the clock where an instance does not know where the ledger stands', () => {
    const playing = streaming(null)
    playing.tell({ kind: 'acted' })
    playing.tell({ kind: 'answered', number: playing.live.number, state: stateAt(START_MS - 1) })
    expect(playing.live.shown?.state.at).toBe(new Date(START_MS).toISOString())
  })

  test('is marked when no newer answer has come for half a minute, whatever else is well', () => {
    const playing = streaming(null)
    playing.pass(29_000)
    expect(playing.connection()).toMatchObject({ kind: 'live', stale: false })
    playing.pass(2_000)
    expect(playing.connection()).toMatchObject({ kind: 'live', stale: true })
  })

  test('is ordered by the counter of the ledger where the clocks of two instances differ', () => {
    const playing = streaming(null)
    playing.tell({ kind: 'acted' })
    const state = stateAt(START_MS - 5_000, { position: '8-0' })
    playing.tell({ kind: 'answered', number: playing.live.number, state })
    expect(playing.live.shown?.state.position).toBe('8-0')
  })

  test('is not touched by what answers to a request that was given up', () => {
    const playing = streaming(null)
    playing.tell({ kind: 'acted' })
    const { number } = playing.live
    playing.tell({ kind: 'hidden' })
    playing.pass(61_000)
    playing.tell({ kind: 'shown' })
    const before = playing.live
    playing.tell({ kind: 'answered', number, state: stateAt(START_MS + 1) })
    expect(playing.live).toEqual(before)
  })

  test('keeps the parts that were not asked for, and what is said of them', () => {
    const audit = { items: [] } as never
    const playing = streaming(null, stateAt(START_MS, { audit, missing: [{ part: 'cost', code: 'unavailable' }] }))
    playing.tell({ kind: 'acted' })
    const missing = [{ part: 'runs', code: 'unavailable' }]
    const state = stateAt(START_MS + 5, { asked: ['runs', 'health'], missing })
    playing.tell({ kind: 'answered', number: playing.live.number, state })
    expect(playing.live.shown?.state.audit).toBe(audit)
    expect(playing.live.shown?.state.missing).toEqual([{ part: 'cost', code: 'unavailable' }, ...missing])
  })

  test('ages by the server’s clock, whatever the browser’s shows and however it is set', () => {
    const playing = streaming()
    playing.pass(1_000)
    for (const wrongMs of [-9 * HOUR_MS, 0]) {
      playing.wrongMs = wrongMs
      expect(serverMs(playing.live, playing.moment())).toBe(START_MS + 1_000)
    }
    const wrong = new Playing(stateAt(START_MS - 3 * HOUR_MS))
    expect(serverMs(wrong.live, wrong.moment())).toBe(START_MS - 3 * HOUR_MS)
  })

  test('is as small after a day of events as it was at the beginning', () => {
    const playing = streaming()
    const size = (): number => JSON.stringify(playing.live).length
    playing.pass(60_000)
    const before = size()
    for (let hour = 0; hour < 24; hour++) {
      playing.pass(HOUR_MS)
      playing.tell({ kind: 'stream-said', position: `${100 + hour}-0`, isEntry: true })
      playing.tell({ kind: 'stream-cut' })
      playing.tell({ kind: 'stream-opened' })
      playing.effects.length = 0
    }
    expect(size() - before).toBeLessThan(400)
  })
})

/** A page to which the stream is open, and whose requests are answered unless said otherwise. */
function streaming(answer?: Playing['answer'], state = stateAt(START_MS, { position: '7-1' })): Playing {
  const playing = new Playing(state)
  playing.answer = answer === undefined ? answering(() => playing) : answer
  playing.tell({ kind: 'stream-opened' })
  return playing
}
