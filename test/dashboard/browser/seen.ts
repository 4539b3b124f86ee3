import type { Page } from 'playwright-core'
import { WAIT_MS } from './visitor.js'

/** Waits until the page shows the collection at the stage. */
export async function stageIs(page: Page, collection: string, stage: string, timeoutMs = WAIT_MS): Promise<void> {
  const here = page.locator(`[aria-label="Stages of ${collection}"] [aria-current="step"] strong`)
  await here.filter({ hasText: stage }).waitFor({ timeout: timeoutMs })
}

/** What a page that is loaded again has not. */
export async function mark(page: Page): Promise<void> {
  await page.evaluate(() => Reflect.set(globalThis, 'markedByTest', true))
}

export function isMarked(page: Page): Promise<boolean> {
  return page.evaluate(() => Reflect.get(globalThis, 'markedByTest') === true)
}

/** As when another tab is in front. */
export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((to) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => to })
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (to ? 'hidden' : 'visible') })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
}

/** The state is asked for at once, and shown. */
export async function refresh(page: Page, times = 1): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    const answered = page.waitForResponse('**/api/migration/dashboard*')
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await (await answered).finished()
  }
}

export interface Memory {
  elements: number
  /** In the document or not, text as well. */
  nodes: number
  listeners: number
}

/** What the page holds, once what it no longer needs is gone. */
export async function memoryOf(page: Page): Promise<Memory> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  await devtools.send('HeapProfiler.collectGarbage')
  const { metrics } = await devtools.send('Performance.getMetrics')
  await devtools.detach()
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
  const elements = await page.locator('*').count()
  return { elements, nodes: of('Nodes'), listeners: of('JSEventListeners') }
}
