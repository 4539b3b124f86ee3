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
