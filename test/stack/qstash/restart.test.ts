import { cp, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { answering } from './destination.js'
import { clientOf, useBench } from './setup.js'

const bench = useBench()

test('what was answered survives a restart: messages, schedules, dead letters, deduplication, queues and keys', async () => {
  const dataDir = await bench.temporaryDirectory()
  const { url } = bench.destination
  const first = await bench.start({ dataDir })
  const client = clientOf(first)
  bench.destination.respond = answering(500)
  await client.publish({ url, body: 'dead', retries: 0 })
  await first.idle()
  await client.publish({ url, body: 'later', delay: 1, deduplicationId: 'd' })
  await client.schedules.create({ destination: url, cron: '0 0 1 1 *', scheduleId: 'yearly' })
  await client.queue({ queueName: 'q' }).upsert({ parallelism: 4, paused: true })
  await client.flowControl.pause('k')
  const keys = await first.rotateKeys()
  await first.close()

  const second = await bench.start({ dataDir })
  const again = clientOf(second)
  expect(second.currentSigningKey).toBe(keys.current)
  expect((await again.dlq.listMessages()).messages).toMatchObject([{ body: 'dead' }])
  expect(await again.schedules.get('yearly')).toMatchObject({ cron: '0 0 1 1 *' })
  expect(await again.queue({ queueName: 'q' }).get()).toMatchObject({ parallelism: 4, paused: true })
  expect(await again.flowControl.get('k')).toMatchObject({ isPaused: true })
  expect(await again.publish({ url, body: 'x', deduplicationId: 'd' })).toMatchObject({ deduplicated: true })
  await second.idle()
  expect(bench.destination.bodies()).toEqual(['dead', 'later'])
})

test('a message in flight at a crash is delivered again', async () => {
  const dataDir = await bench.temporaryDirectory()
  const afterCrash = await bench.temporaryDirectory()
  const server = await bench.start({ dataDir })
  bench.destination.respond = () => {}
  const { messageId } = await clientOf(server).publish({ url: bench.destination.url, body: 'half' })
  await bench.destination.received(1)
  // The files of this moment are what a killed process leaves behind.
  await cp(dataDir, afterCrash, { recursive: true })
  bench.destination.respond = answering()
  const next = await bench.start({ dataDir: afterCrash })
  await next.idle()
  expect(bench.destination.bodies()).toEqual(['half', 'half'])
  expect(bench.destination.calls.map(({ headers }) => headers['upstash-message-id'])).toEqual([messageId, messageId])
})

test('closing in the middle of a delivery keeps the message and counts no failure', async () => {
  const dataDir = await bench.temporaryDirectory()
  const server = await bench.start({ dataDir })
  bench.destination.respond = () => {}
  await clientOf(server).publish({ url: bench.destination.url, body: 'half', retries: 0 })
  await bench.destination.received(1)
  await server.close()
  bench.destination.respond = answering()
  const next = await bench.start({ dataDir })
  await next.idle()
  expect(next.stats()).toMatchObject({ delivered: 1, deadLettered: 0 })
})

test('a hundred publishes that come together are all on disk when they are answered', async () => {
  const dataDir = await bench.temporaryDirectory()
  const afterCrash = await bench.temporaryDirectory()
  const server = await bench.start({ dataDir })
  const publishes = Array.from({ length: 100 }, (_, n) =>
    clientOf(server).publish({ url: bench.destination.url, body: `${n}`, delay: 600 }),
  )
  await Promise.all(publishes)
  await cp(dataDir, afterCrash, { recursive: true })
  const next = await bench.start({ dataDir: afterCrash })
  expect(next.stats().pending).toBe(100)
})

test('a damaged snapshot stops the start instead of losing what was promised', async () => {
  const dataDir = await bench.temporaryDirectory()
  const server = await bench.start({ dataDir })
  await clientOf(server).publish({ url: bench.destination.url, body: '', delay: 600 })
  await server.close()
  const [name = ''] = await readdir(dataDir)
  await writeFile(path.join(dataDir, name), '{"version":1,')
  await expect(bench.start({ dataDir })).rejects.toThrow()
})
