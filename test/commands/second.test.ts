import { describe, expect, it } from 'vitest'
import { acknowledgeAlert } from '../../lib/commands/operators/alerts/acknowledge-alert.js'
import { resolveAlert } from '../../lib/commands/operators/alerts/resolve-alert.js'
import { cancelRun } from '../../lib/commands/operators/runs/cancel-run.js'
import { pauseRun } from '../../lib/commands/operators/runs/pause-run.js'
import { resumeRun } from '../../lib/commands/operators/runs/resume-run.js'
import { raiseAlert } from '../../lib/engine/alerts/raise.js'
import { begin, drain, fill, go, runOf, type World, world } from '../engine/runs/world.js'
import { shuffle } from '../engine/stages/operators.js'

const SEEDS = 10
const caller = (name: string) => ({ name, role: 'operator' as const })

function contextOf(at: World) {
  return { engine: at.context, checkRecord: (_: string, id: string, value: object) => ({ id, ...value }) }
}

async function withRun(): Promise<{ at: World; runId: string }> {
  const at = world()
  await fill(at, 20)
  await go(at, 'shadow')
  return { at, runId: (await begin(at)).id }
}

async function auditOf(at: World, action: string): Promise<{ by: string; reason: string }[]> {
  const { items } = await at.context.ledger.entries('audit', { limit: 200 })
  return items
    .map(({ value }) => value as { by: string; reason: string; action: string })
    .filter((one) => one.action === action)
}

describe('whoever comes second to a run', () => {
  it.each([
    ['pause-run', pauseRun, /ann paused it at 2025-.*\(as ann\)/],
    ['cancel-run', cancelRun, /ann cancelled it at 2025-.*\(as ann\)/],
    ['resume-run', resumeRun, /ann resumed it at 2025-.*\(as ann\)/],
  ] as const)('is told who was first by %s, and nothing is done twice', async (action, verb, who) => {
    const { at, runId } = await withRun()
    if (action === 'resume-run') await pauseRun.run(contextOf(at), { runId, reason: 'r' }, caller('eve'))
    await verb.run(contextOf(at), { runId, reason: 'as ann' }, caller('ann'))
    const second = verb.run(contextOf(at), { runId, reason: 'as bob' }, caller('bob'))
    await expect(second).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(who),
      details: { reason: 'changed-meanwhile', by: 'ann', at: expect.stringContaining('2025-') },
    })
    expect(await auditOf(at, action)).toMatchObject([{ by: 'ann', reason: 'as ann' }])
  })

  it('of two at the same moment is one, in whatever order', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { at, runId } = await withRun()
      shuffle(at, seed)
      const ended = await Promise.allSettled(
        ['ann', 'bob'].map((name) => pauseRun.run(contextOf(at), { runId, reason: `as ${name}` }, caller(name))),
      )
      at.faults.before = () => undefined
      const paused = await auditOf(at, 'pause-run')
      expect(paused.length).toBe(1)
      const lost = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
      expect(lost).toMatchObject([{ code: 'conflict', details: { by: paused[0]?.by } }])
    }
  })

  it('is told that it has ended, or that nobody paused it by hand', async () => {
    const { at, runId } = await withRun()
    await pauseRun.run(contextOf(at), { runId, reason: 'a rest' }, caller('ann'))
    await resumeRun.run(contextOf(at), { runId, reason: 'on' }, caller('ann'))
    await drain(at)
    expect((await runOf(at, runId)).status).toBe('succeeded')
    const late = pauseRun.run(contextOf(at), { runId, reason: 'r' }, caller('bob'))
    await expect(late).rejects.toMatchObject({
      message: expect.stringMatching(/it has ended at 2025-.*, succeeded/),
      details: { status: 'succeeded', by: null, at: null },
    })
  })
})

describe('whoever comes second to an alert', () => {
  async function raised(): Promise<{ at: World; alertId: string }> {
    const at = world()
    const news = { about: 'x', severity: 'warning', kind: 'breach', component: 'projects', message: 'Slow.' } as const
    await raiseAlert(at.context, news)
    const { items } = await at.context.ledger.list('alert-open/', null, 5)
    const [alertId] = items.map(({ value }) => (value as { id: string }).id)
    if (alertId === undefined) throw new Error('no alert was raised')
    return { at, alertId }
  }

  it('is told who acknowledged it, when and why, and overwrites nothing', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { at, alertId } = await raised()
      shuffle(at, seed)
      const shown = await Promise.all(
        ['ann', 'bob'].map((name) =>
          acknowledgeAlert.run(contextOf(at), { alertId, reason: `as ${name}` }, caller(name)),
        ),
      )
      const changed = shown.filter((one) => one.changed)
      const unchanged = shown.filter((one) => !one.changed)
      const first = changed[0]?.acknowledgedBy
      expect([changed.length, unchanged.length]).toEqual([1, 1])
      expect(unchanged[0]).toMatchObject({ acknowledgedBy: first, status: 'acknowledged' })
      expect(unchanged[0]?.inWords).toContain(`Nothing was done. ${first} acknowledged it at 2025-`)
      expect(unchanged[0]?.inWords).toContain(`(as ${first})`)
      expect(await auditOf(at, 'acknowledge-alert')).toMatchObject([{ by: first }])
    }
  })

  it('is told who resolved it', async () => {
    const { at, alertId } = await raised()
    expect(await resolveAlert.run(contextOf(at), { alertId, reason: 'over' }, caller('ann'))).toMatchObject({
      changed: true,
      inWords: expect.stringContaining('ann resolved it at 2025-'),
    })
    for (const verb of [acknowledgeAlert, resolveAlert])
      expect(await verb.run(contextOf(at), { alertId, reason: 'late' }, caller('bob'))).toMatchObject({
        changed: false,
        status: 'resolved',
        inWords: expect.stringMatching(/^Nothing was done. ann resolved it at 2025-.*\(over\)\.$/),
      })
    expect(await auditOf(at, 'resolve-alert')).toMatchObject([{ by: 'ann' }])
  })
})
