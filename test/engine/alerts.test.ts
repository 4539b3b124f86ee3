import { expect, it } from 'vitest'
import type { AlertMessage, AlertNews } from '../../lib/core/alert.js'
import { memoryLedger } from '../../lib/drivers/ledgers/memory.js'
import type { AlertContext } from '../../lib/engine/alerts/kept.js'
import { listAlerts, unattendedAlerts } from '../../lib/engine/alerts/list.js'
import { moveAlert, resolveAbout } from '../../lib/engine/alerts/move.js'
import { raiseAlert } from '../../lib/engine/alerts/raise.js'
import { FakeClock } from './runs/fake-clock.js'
import { START } from './runs/world.js'

const MOVER = { by: 'ann', reason: 'because' }

function news(about: string, more: Partial<AlertNews> = {}): AlertNews {
  const what = { severity: 'warning', kind: 'store-unreachable', component: 'projects' } as const
  return { about, ...what, message: `About ${about}.`, ...more }
}

/** What alerts need, and who was told. */
function desk() {
  const told: AlertMessage[] = []
  const pending: Promise<unknown>[] = []
  const context: AlertContext & { clock: FakeClock } = {
    ledger: memoryLedger(),
    clock: new FakeClock(START),
    notify: async (message) => void told.push(message),
    background: (work) => void pending.push(work.catch(() => {})),
  }
  return { context, told, settled: () => Promise.all(pending) }
}

it('an alert is raised once, however many find it at once', async () => {
  const { context, told, settled } = desk()
  const answers = await Promise.all([1, 2, 3].map(() => raiseAlert(context, news('same'))))
  expect(answers.map(({ kind }) => kind).sort()).toEqual(['known', 'known', 'raised'])
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
  await settled()
  expect(told.map(({ type, alert }) => [type, alert.about])).toEqual([['alert.raised', 'same']])
  expect((await context.ledger.entries('state/alert-event', { limit: 10 })).items).toMatchObject([
    { value: { event: 'raised', about: 'same', component: 'projects', severity: 'warning' } },
  ])
})

it('is counted when it is found again, at most once a minute', async () => {
  const { context } = desk()
  const { id } = await raiseAlert(context, news('one'))
  for (let second = 0; second < 150; second += 10) {
    context.clock.time = START + second * 1000
    expect(await raiseAlert(context, news('one', { message: `At ${second}.` }))).toEqual({ kind: 'known', id })
  }
  expect((await listAlerts(context, { limit: 5 })).items).toMatchObject([
    { count: 3, at: START, lastSeenAt: START + 120_000, message: 'At 120.' },
  ])
})

it('becomes graver when it is found to be, and tells so', async () => {
  const { context, told, settled } = desk()
  await raiseAlert(context, news('one'))
  await raiseAlert(context, news('one', { severity: 'critical' }))
  await raiseAlert(context, news('one', { severity: 'info' }))
  await settled()
  expect(told.map(({ alert }) => alert.severity)).toEqual(['warning', 'critical'])
  expect(new Set(told.map(({ id }) => id)).size).toBe(2)
})

it('is raised anew after it was resolved, unless it can happen only once', async () => {
  const { context } = desk()
  for (const about of ['often', 'once'] as const) {
    const what = news(about, about === 'once' ? { once: true } : {})
    const { id } = await raiseAlert(context, what)
    await moveAlert(context, id, 'resolve-alert', MOVER)
    const again = await raiseAlert(context, what)
    expect([about, again.kind, again.id === id]).toEqual(
      about === 'once' ? ['once', 'known', true] : ['often', 'raised', false],
    )
  }
})

it('goes open, acknowledged, escalated, resolved, with who, when and why', async () => {
  const { context, told, settled } = desk()
  const { id } = await raiseAlert(context, news('one', { severity: 'critical' }))
  for (const action of ['acknowledge-alert', 'escalate-alert', 'resolve-alert'] as const) {
    context.clock.time += 1000
    expect((await moveAlert(context, id, action, MOVER)).kind).toBe('moved')
    expect((await moveAlert(context, id, action, { by: 'bob', reason: 'late' })).kind).toBe('unchanged')
  }
  expect((await moveAlert(context, id, 'acknowledge-alert', MOVER)).alert.status).toBe('resolved')
  const [alert] = (await listAlerts(context, { limit: 5 })).items
  expect(alert?.acknowledgedBy).toBe('ann')
  expect(alert?.history.slice(1)).toEqual(
    ['acknowledged', 'escalated', 'resolved'].map((to, number) => ({ to, at: START + 1000 * (number + 1), ...MOVER })),
  )
  await settled()
  expect(told.map(({ type }) => type)).toEqual(['alert.raised', 'alert.escalated', 'alert.resolved'])
  await expect(moveAlert(context, 'none', 'resolve-alert', MOVER)).rejects.toMatchObject({ code: 'not-found' })
})

it('is resolved by what it is about, where there is one', async () => {
  const { context } = desk()
  await raiseAlert(context, news('one'))
  for (const about of ['one', 'one', 'another']) await resolveAbout(context, about, MOVER)
  expect((await listAlerts(context, { limit: 5 })).items).toMatchObject([{ status: 'resolved' }])
})

it('the newest are listed first, page by page, of however many there are, resolved or not', async () => {
  const { context } = desk()
  const all: string[] = []
  for (let number = 0; number < 450; number++) {
    context.clock.time = START + number * 7
    const { id } = await raiseAlert(context, news(`a${number}`))
    if (number % 3 !== 0) await moveAlert(context, id, 'resolve-alert', MOVER)
    all.unshift(`a${number}`)
  }
  const listed: string[] = []
  let cursor: string | undefined
  do {
    const page = await listAlerts(context, { limit: 60, cursor })
    listed.push(...page.items.map(({ about }) => about))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  expect(listed).toEqual(all)
})

it('is found by severity, status and component', async () => {
  const { context } = desk()
  await raiseAlert(context, news('a'))
  await raiseAlert(context, news('b', { component: 'resources', severity: 'critical' }))
  const { id } = await raiseAlert(context, news('c', { severity: 'info' }))
  await moveAlert(context, id, 'resolve-alert', MOVER)
  const found = async (query: object) =>
    (await listAlerts(context, { limit: 10, ...query })).items.map((one) => one.about)
  expect(await found({ severity: 'critical' })).toEqual(['b'])
  expect(await found({ status: 'resolved' })).toEqual(['c'])
  expect((await found({ status: 'open' })).sort()).toEqual(['a', 'b'])
  const { id: kept } = await raiseAlert(context, news('d'))
  await moveAlert(context, kept, 'acknowledge-alert', MOVER)
  expect((await found({ status: 'unresolved' })).sort()).toEqual(['a', 'b', 'd'])
  expect((await found({ component: 'projects' })).sort()).toEqual(['a', 'c', 'd'])
  expect((await unattendedAlerts(context, 10)).map(({ about }) => about).sort()).toEqual(['a', 'b'])
})
