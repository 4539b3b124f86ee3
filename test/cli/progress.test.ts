import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { progressView } from '../../lib/cli/progress.js'
import type { Run } from '../../lib/cli/run.js'
import { CutoverError } from '../../lib/core/error.js'
import { cutover, keptOutput, type Setting, toyServer } from './toys.js'

function runAt(done: number, total: number | null, more: Partial<Run> = {}): Run {
  return {
    id: 'run-1',
    kind: 'backfill',
    collection: 'projects',
    status: 'running',
    progress: { done, total, perSecond: null, secondsLeft: null },
    counters: { copied: done },
    reason: null,
    ...more,
  }
}
const over = (status: Run['status'], more: Partial<Run> = {}) => runAt(4, 4, { status, ...more })

describe('the view of a run', () => {
  const drawn = (run: Run, columns = 120) => {
    const output = keptOutput(true, columns)
    progressView(output, { monotonic: () => 0 }).show(run)
    return output.text().replace('\r\u001b[2K', '')
  }

  it('shows share, counts, rate and time left', () => {
    const progress = { done: 4_200, total: 10_000, perSecond: 349.6, secondsLeft: 3_700 }
    expect(drawn(runAt(0, 0, { progress }))).toBe(
      'backfill projects  [##########--------------] 42 %  4,200 of 10,000  350/s  1 h 1 min left',
    )
    const slow = { done: 0, total: 3, perSecond: 0.25, secondsLeft: 61 }
    expect(drawn(runAt(0, 0, { progress: slow }))).toContain('0.3/s  1 min 1 s left')
  })

  it('says 100 % only when nothing is left', () => {
    expect(drawn(runAt(99_999, 100_000))).toContain(' 99 %')
    expect(drawn(runAt(100_000, 100_000))).toContain('[########################] 100 %')
    expect(drawn(runAt(12, 10))).toContain(' 100 %')
    expect(drawn(runAt(0, 0))).toContain(' 100 %')
  })

  it('shows no share of a total that is not known, and why a run is paused or slow', () => {
    expect(drawn(runAt(1_234_567, null))).toBe('backfill projects  1,234,567 done')
    expect(drawn(runAt(1, null, { status: 'paused', reason: 'budget\u001b[2J' }))).toContain('paused: budget\\u001b')
    expect(drawn(runAt(1, 2, { reason: 'Slowed down.' }))).toMatch(/ {2}Slowed down\.$/)
  })

  it('fits the terminal', () => {
    expect([...drawn(runAt(4_200, 10_000), 40)]).toHaveLength(39)
  })

  it('draws over its line on a terminal and leaves a fresh one', () => {
    const output = keptOutput(true)
    const view = progressView(output, { monotonic: () => 0 })
    view.show(runAt(1, 2))
    view.show(runAt(2, 2))
    view.end()
    view.end()
    expect(output.text().split('\r\u001b[2K')).toHaveLength(3)
    expect(output.text().match(/\n/g)).toHaveLength(1)
  })

  it('writes plain lines elsewhere, at most one every two seconds', () => {
    const output = keptOutput(false)
    let nowMs = 0
    const view = progressView(output, { monotonic: () => nowMs })
    for (; nowMs <= 4_000; nowMs += 500) view.show(runAt(nowMs, 4_000))
    view.end()
    expect(output.text().split('\n').slice(0, -1)).toHaveLength(3)
    expect(output.text()).not.toContain('\r')
  })
})

describe('a verb that starts a run', () => {
  let server: Awaited<ReturnType<typeof toyServer>>
  let at: Setting
  beforeAll(async () => {
    server = await toyServer()
    at = { url: server.url }
  })
  afterAll(() => server.close())

  it('does not wait when it is not told to and nobody looks', async () => {
    server.toys.runs = []
    expect(await cutover(at, 'copy')).toMatchObject({ exit: 0, out: 'runId  run-1\n', err: '' })
    expect(await cutover({ ...at, tty: true }, 'copy', '--no-wait')).toMatchObject({ exit: 0, out: 'runId  run-1\n' })
  })

  it('waits on a terminal, drawing, and shows the run at its end', async () => {
    server.toys.runs = [runAt(1, 4), runAt(2, 4), over('succeeded')]
    const done = await cutover({ ...at, tty: true }, 'copy')
    expect(done.exit).toBe(0)
    for (const part of ['Run run-1 has started', ' 25 %', ' 50 %', ' 100 %']) expect(done.err).toContain(part)
    expect(done.out).toMatch(/^status +succeeded$/m)
    expect(done.out).toMatch(/^counters\.copied +4$/m)
  })

  it.each(['failed', 'cancelled'] as const)('fails when the run has %s', async (status) => {
    server.toys.runs = [over(status, { reason: 'the target is full' })]
    const done = await cutover(at, 'copy', '--wait')
    expect(done.exit).toBe(1)
    expect(done.out).toContain('the target is full')
  })

  it('prints one line of JSON with the id and the run', async () => {
    server.toys.runs = [runAt(1, 4), over('succeeded')]
    const done = await cutover(at, 'copy', '--wait', '--json')
    expect(JSON.parse(done.out)).toStrictEqual({ runId: 'run-1', ...over('succeeded') })
  })

  it('waits out a server that cannot answer for a moment, and a pause', async () => {
    const away = new CutoverError('unavailable', 'Away.')
    server.toys.runs = [away, away, runAt(1, 4, { status: 'paused' }), away, over('succeeded')]
    const done = await cutover(at, 'follow', 'run-1', '--json')
    expect([done.exit, JSON.parse(done.out)]).toStrictEqual([0, over('succeeded')])
    expect(done.sleptMs).toBe(2_000 + 4_000 + 1_000 + 2_000)
  })

  it('gives up on one that stays away, and at once on one that has no such run', async () => {
    server.toys.runs = [new CutoverError('unavailable', 'Away.')]
    expect(await cutover(at, 'follow', 'run-1')).toMatchObject({ exit: 1, sleptMs: 62_000 })
    server.toys.runs = []
    expect(await cutover(at, 'follow', 'run-1')).toMatchObject({ exit: 1, sleptMs: 0 })
    server.toys.runs = [{ ...over('succeeded'), status: 'odd' }]
    expect((await cutover(at, 'follow', 'run-1')).err).toContain('does not describe a run')
  })
})
