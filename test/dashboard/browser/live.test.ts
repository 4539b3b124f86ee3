import { expect, test } from 'vitest'
import { describeInBrowser } from './harness.js'

describeInBrowser('the live page', (dashboard) => {
  test('is live soon after it is loaded', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    expect(await page.title()).toContain('cutover')
  })

  test('shows within seconds, and without being loaded again, what somebody else did', async () => {
    const { page, isConnected, sees } = await dashboard().open('operator')
    await isConnected('live')
    await page.evaluate(() => Reflect.set(globalThis, 'loadedOnce', true))
    await dashboard().operate('POST', '/collections/projects/advance', { reason: 'asked for by the test' })
    await sees(/dualwrite/i)
    expect(await page.evaluate(() => Reflect.get(globalThis, 'loadedOnce'))).toBe(true)
  })
})
