import { expect, test } from 'vitest'
import { admin, clientOf, useBench } from './setup.js'

const bench = useBench()

test('a schedule is created under its id, replaced, listed, paused, resumed and deleted', async () => {
  const server = await bench.start()
  const { schedules } = clientOf(server)
  const destination = `${bench.destination.url}/api/jobs/nightly?full=1`
  const cron = 'CRON_TZ=Europe/Paris 0 4 * * *'
  expect(await schedules.create({ destination, cron, scheduleId: 'nightly', body: 'a' })).toEqual({
    scheduleId: 'nightly',
  })
  await schedules.create({ destination, cron: '*/5 * * * *', scheduleId: 'nightly', retries: 1, label: 'l' })
  expect(await schedules.list()).toHaveLength(1)
  expect(await schedules.get('nightly')).toMatchObject({
    cron: '*/5 * * * *',
    destination,
    retries: 1,
    method: 'POST',
    isPaused: false,
    label: 'l',
  })
  await schedules.pause({ schedule: 'nightly' })
  expect(await schedules.get('nightly')).toMatchObject({ isPaused: true })
  await schedules.resume({ schedule: 'nightly' })
  expect(await schedules.get('nightly')).toMatchObject({ isPaused: false })
  await schedules.delete('nightly')
  await expect(schedules.get('nightly')).rejects.toMatchObject({ status: 404 })
})

test('the next time of a schedule follows its zone', async () => {
  const server = await bench.start()
  const { schedules } = clientOf(server)
  await schedules.create({ destination: bench.destination.url, cron: 'CRON_TZ=Asia/Tokyo 30 4 * * *', scheduleId: 's' })
  const { nextScheduleTime = 0 } = await schedules.get('s')
  expect(new Date(nextScheduleTime).toISOString().slice(11, 16)).toBe('19:30')
})

test('a schedule that is run by hand delivers its message at once', async () => {
  const server = await bench.start()
  const { schedules } = clientOf(server)
  await schedules.create({ destination: bench.destination.url, cron: '0 0 1 1 *', scheduleId: 's', body: 'tick' })
  const answer = await admin(server, 'POST', '/__admin/schedules/s/run')
  const { messageId } = (await answer.json()) as { messageId: string }
  await server.idle()
  expect(bench.destination.calls[0]).toMatchObject({ body: 'tick', headers: { 'upstash-schedule-id': 's' } })
  expect((await schedules.get('s')).lastScheduleStates).toEqual({ [messageId]: 'SUCCESS' })
})

test('a schedule fires by the clock, and not while it is paused', async () => {
  const server = await bench.start({ cronScale: 120 })
  const { schedules } = clientOf(server)
  await schedules.create({ destination: `${bench.destination.url}/on`, cron: '* * * * *', scheduleId: 'on' })
  await schedules.create({ destination: `${bench.destination.url}/off`, cron: '* * * * *', scheduleId: 'off' })
  await schedules.pause({ schedule: 'off' })
  await bench.destination.received(3)
  expect(new Set(bench.destination.calls.map(({ target }) => target))).toEqual(new Set(['/on']))
})

test.each(['* * *', '0 0 0 * * *', 'at noon', 'CRON_TZ=Mars/Base 0 4 * * *'])(
  'the cron "%s" is refused',
  async (cron) => {
    const server = await bench.start()
    const create = clientOf(server).schedules.create({ destination: bench.destination.url, cron })
    await expect(create).rejects.toMatchObject({ status: 400 })
  },
)
