import { expect, test } from 'vitest'
import { suspecter } from '../../lib/engine/suspect.js'

test('a suspicion is weighed at once, in the background, and a storm of them once in five seconds', async () => {
  let now = 0
  let weighed = 0
  const background: Promise<unknown>[] = []
  const suspect = suspecter(
    { monotonic: () => now },
    (work) => void background.push(work),
    async () => weighed++,
  )
  for (now = 0; now < 5_000; now += 10) suspect('projects')
  expect(weighed).toBe(1)
  suspect('resources')
  expect(weighed).toBe(2)
  now = 5_000
  suspect('projects')
  await Promise.all(background)
  expect([weighed, background.length]).toEqual([3, 3])
})

test('a fault that lasts is weighed half as often each time, and after a quiet time at once again', async () => {
  let now = 0
  const weighedAt: number[] = []
  const suspect = suspecter(
    { monotonic: () => now },
    () => {},
    async () => weighedAt.push(now / 1_000),
  )
  for (now = 0; now <= 600_000; now += 1_000) suspect('projects')
  expect(weighedAt).toEqual([0, 5, 15, 35, 75, 155, 275, 395, 515])
  now = 1_000_000
  suspect('projects')
  now = 1_005_000
  suspect('projects')
  expect(weighedAt.slice(-2)).toEqual([1_000, 1_005])
})
