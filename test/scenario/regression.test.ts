import { expect, it } from 'vitest'
import { regression } from '../bench/rows/stage-change/regression.js'
import { openRunning } from '../bench/rows/stage-change/running.js'

const CRON_MS = 60_000

it('a plan turns back when an instance finds wrong values at the target, long before the cron comes again', async () => {
  const running = await openRunning(2, 'shadow')
  try {
    const reader = await running.instance({ CUTOVER_COMPARE_SHARE: '0.2' })
    expect(await regression(running, reader, CRON_MS)).toBeLessThan(CRON_MS / 2)
  } finally {
    await running.close()
  }
}, 120_000)
