import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { accessibilityFaults } from './axe.js'
import { describeInBrowser } from './harness.js'
import { takeScreenshots } from './screenshots.js'
import { stageIs } from './seen.js'

describeInBrowser('the page, before anything has moved', (dashboard) => {
  test('shows nothing of the migration to whoever is not signed in, and can be used by everybody', async () => {
    const { page } = await dashboard().stranger()
    await page.goto(dashboard().cable.url)
    expect(await page.content()).not.toContain('projects')
    expect(await faultsEverywhere(page)).toEqual([])
    await fitsNarrowScreens(page)
  })

  test('lets in who has a token, through a form that needs no script', async () => {
    const { page, sees } = await dashboard().stranger({ javaScript: false })
    await page.goto(dashboard().cable.url)
    await page.getByLabel('Token').fill('operator-token-of-these-tests')
    await page.getByLabel('Your name').fill('Ada')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await sees('operator-token (Ada)')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor()
  })

  test('can be used by everybody while there is nothing to show', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    expect(await faultsEverywhere(page)).toEqual([])
    await takeScreenshots(page, 'empty')
  })
})

describeInBrowser('the page, in the middle of a migration', (dashboard) => {
  beforeAll(async () => {
    const { operate, raise, reach, tick, traffic } = dashboard()
    await reach('shadow')
    const { runId } = await operate('POST', '/collections/projects/backfill', {})
    await ended(`/runs/${runId}`)
    const check = await operate('POST', '/collections/projects/validate', {})
    await ended(`/runs/${check.runId}`)
    await operate('POST', '/collections/projects/advance', { rolloutPercent: 10, reason: 'day 4' })
    await raise('warning', 'Reads from the target are slower than from the source.')
    const { count, stop } = traffic()
    await vi.waitFor(() => expect(count()).toBeGreaterThan(300), { timeout: 30_000 })
    await stop()
    await tick()
    await operate('POST', '/collections/resources/backfill', { recordsPerSecondMax: 0.5 })
  }, 60_000)

  test('is readable without JavaScript: stages, the way back, alerts', async () => {
    const { page, sees } = await dashboard().open('viewer', { javaScript: false })
    await sees(/allow JavaScript/)
    for (const part of ['What is happening?', 'Is it safe?', 'How do I go back?', 'Way back']) await sees(part)
    await sees('Reads from the target are slower than from the source.')
    await stageIs(page, 'projects', 'live 10 %')
    await stageIs(page, 'resources', 'shadow')
    await page.locator('#runs progress').first().waitFor()
    expect(await page.locator('button:enabled').allInnerTexts()).toEqual(['Sign out'])
  })

  test('can be gone through by keyboard: past the header to the collections, and to the stop', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').innerText()).toBe('Skip to the collections')
    expect((await page.locator(':focus').boundingBox())?.x).toBeGreaterThanOrEqual(0)
    const acts = await actsByTab(page, 12)
    expect(acts).toContain('emergency-stop')
    await page.locator('.skip').focus()
    await page.keyboard.press('Enter')
    expect((await actsByTab(page, 3))[0]).toBe('advance')
  })

  test('can be used by everybody while it is live, and fits every screen', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    await page.locator('#performance').scrollIntoViewIfNeeded()
    await page.locator('#performance canvas').first().waitFor()
    expect(await faultsEverywhere(page)).toEqual([])
    await takeScreenshots(page, 'migration')
    await fitsNarrowScreens(page)
  })

  test('can be used by everybody while a dialog is open', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    await page.locator('#collections [data-act="advance"]').first().click()
    await page.getByRole('dialog').waitFor()
    expect(await faultsEverywhere(page)).toEqual([])
    await takeScreenshots(page, 'dialog')
    await fitsNarrowScreens(page)
  })

  test('can be used by everybody while it is offline', async () => {
    const visitor = await dashboard().open('operator')
    visitor.expects(/net::ERR_|Failed to load/)
    await visitor.isConnected('live')
    await dashboard().cable.cut()
    await visitor.isConnected('offline', 20_000)
    expect(await faultsEverywhere(visitor.page)).toEqual([])
    await takeScreenshots(visitor.page, 'offline')
    await dashboard().cable.mend()
  })

  async function ended(path: string): Promise<void> {
    const look = async () => expect((await dashboard().operate('GET', path)).status).toBe('succeeded')
    await vi.waitFor(look, { timeout: 20_000, interval: 100 })
  }
})

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]

/** The dark page is the light one in other colours. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block']

/** In light and dark, on a large and on a small screen. */
async function faultsEverywhere(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const size of SIZES) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(size)
      const faults = await accessibilityFaults(page, colorScheme === 'dark' ? OF_COLOURS : undefined)
      found.push(...faults.map((fault) => `${colorScheme} ${size.width}: ${fault}`))
    }
  }
  return found
}

async function fitsNarrowScreens(page: Page): Promise<void> {
  await page.setViewportSize({ width: 320, height: 640 })
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= room) return []
    const all = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > room + 1)
    return all.map((one) => `${one.tagName} ${one.className} ${one.id}`).slice(0, 5)
  })
  expect(wide).toEqual([])
}

/** What each press of Tab comes to, where it is an act. */
async function actsByTab(page: Page, presses: number): Promise<string[]> {
  const acts: string[] = []
  for (let press = 0; press < presses; press++) {
    await page.keyboard.press('Tab')
    const act = await page.locator(':focus').getAttribute('data-act')
    if (act !== null) acts.push(act)
  }
  return acts
}
