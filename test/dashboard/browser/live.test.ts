import { beforeEach, expect, test } from 'vitest'
import { describeInBrowser } from './harness.js'
import { isMarked, mark, memoryOf, refresh, setHidden, stageIs } from './seen.js'

const EVENTS = '**/api/migration/events?*'
const STATE = '**/api/migration/dashboard*'

describeInBrowser('the page, live', (dashboard) => {
  beforeEach(() => dashboard().reach('off'))

  test('takes over what the server drew as it is, and is live', async () => {
    const { page, isConnected, sees } = await dashboard().open('operator')
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/app.js', async (route) => {
      await held
      await route.continue()
    })
    await page.reload({ waitUntil: 'commit' })
    await sees('Audit trail')
    const before = await page.evaluate(() => {
      const all = [...document.querySelectorAll('#app section, #app h2, #app h3, #app button')]
      for (const one of all) Reflect.set(one, 'drawnByServer', true)
      return all.length
    })
    expect(before).toBeGreaterThan(20)
    release()
    await isConnected('live')
    const kept = await page.evaluate(
      () => [...document.querySelectorAll('#app *')].filter((one) => Reflect.get(one, 'drawnByServer')).length,
    )
    expect(kept).toBe(before)
  })

  test('shows within seconds, and without being loaded again, what somebody else did', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    await mark(page)
    await advance('projects')
    await stageIs(page, 'projects', 'dualwrite')
    expect(await isMarked(page)).toBe(true)
  })

  test('keeps what one is doing when it is brought up to date: focus, place, what is open', async () => {
    const { page, isConnected } = await dashboard().open('operator', { height: 500 })
    await isConnected('live')
    const details = page.locator('#overrides details')
    await details.locator('summary').click()
    const button = page.locator('#audit').locator('input, select').first()
    await button.focus()
    const place = await page.evaluate(() => scrollY)
    expect(place).toBeGreaterThan(0)
    await advance('resources')
    await stageIs(page, 'resources', 'dualwrite')
    expect(await button.evaluate((one) => one === document.activeElement)).toBe(true)
    expect(await details.evaluate((one) => one.hasAttribute('open'))).toBe(true)
    expect(Math.abs((await page.evaluate(() => scrollY)) - place)).toBeLessThan(200)
  })

  test('goes on after the last event when every connection breaks off, and misses nothing', async () => {
    const visitor = await dashboard().open('operator')
    visitor.expects(/net::ERR_|Failed to load/)
    const { page, isConnected } = visitor
    await isConnected('live')
    await advance('resources')
    await stageIs(page, 'resources', 'dualwrite')
    const resumed = page.waitForRequest(EVENTS)
    dashboard().cable.jerk()
    await dashboard().operate('POST', '/collections/resources/roll-back', { reason: 'while nobody heard it' })
    await stageIs(page, 'resources', 'off')
    expect((await (await resumed).allHeaders())['last-event-id']).toMatch(/^\d+-\d+$/)
    await isConnected('live')
  })

  test('asks by itself where there is no stream, says so, and comes back to it', async () => {
    const visitor = await dashboard().open('operator')
    visitor.expects(/503|net::ERR_|Failed to load/)
    const { page, isConnected, sees } = visitor
    await isConnected('live')
    await page.route(EVENTS, (route) => route.fulfill({ status: 503 }))
    dashboard().cable.jerk()
    await isConnected('polling', 20_000)
    await sees('Polling')
    await advance('resources')
    await stageIs(page, 'resources', 'dualwrite', 15_000)
    await page.unroute(EVENTS)
    await isConnected('live', 30_000)
  })

  test('says that it is offline and since when, shows what it showed, and is back at once', async () => {
    const visitor = await dashboard().open('operator')
    visitor.expects(/net::ERR_|Failed to load/)
    const { page, isConnected, sees } = visitor
    await isConnected('live')
    await mark(page)
    const before = await page.locator('#collections').innerText()
    await dashboard().cable.cut()
    await isConnected('offline', 20_000)
    await sees('STALE')
    await sees(/last seen .*\d\d:\d\d:\d\d CET .*ago/)
    expect(await page.locator('#collections').innerText()).toBe(before)
    expect(await page.locator('main').getAttribute('class')).toContain('stale')
    expect(await page.title()).toMatch(/^Offline · /)
    await dashboard().cable.mend()
    await isConnected('live', 30_000)
    expect(await page.title()).toBe('Migration · cutover')
    expect(await page.getByText('STALE').count()).toBe(0)
    expect(await isMarked(page)).toBe(true)
  })

  test('stays readable when the session is over, leads to the sign-in, and goes on after it', async () => {
    const visitor = await dashboard().open('operator')
    visitor.expects(/401/)
    const { page, context, isConnected, sees } = visitor
    await isConnected('live')
    const cookies = await context.cookies()
    await context.clearCookies()
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await isConnected('signed-out')
    await sees('Your session is over.')
    await sees('Collections')
    expect(await page.getByRole('link', { name: 'Sign in again' }).getAttribute('href')).toBe('/')
    expect(await page.locator('#collections button:enabled').count()).toBe(0)
    await context.addCookies(cookies)
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await isConnected('live')
    expect(await page.getByText('Your session is over.').count()).toBe(0)
  })

  test('asks for nothing while nobody sees it, and is up to date as soon as somebody does', async () => {
    const { page, context, isConnected } = await dashboard().open('operator')
    await context.clock.install()
    await page.reload()
    await isConnected('live')
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await setHidden(page, true)
    await context.clock.runFor(70_000)
    await page.waitForTimeout(500)
    asked.length = 0
    await context.clock.runFor(3_600_000)
    await page.waitForTimeout(500)
    expect(asked).toEqual([])
    await advance('resources')
    await setHidden(page, false)
    await stageIs(page, 'resources', 'dualwrite')
    expect(asked).toEqual(expect.arrayContaining(['/api/migration/dashboard', '/api/migration/events']))
  })

  test('lives on when a part of it cannot be drawn, and draws it again when it can', async () => {
    const { page, isConnected, sees } = await dashboard().open('operator')
    await isConnected('live')
    await page.route(STATE, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...(await response.json()), audit: { items: 7 } } })
    })
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await sees('This part could not be drawn')
    await sees('What is happening?')
    await page.unroute(STATE)
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await page.getByText('This part could not be drawn').waitFor({ state: 'detached' })
  })

  test('shows times in the zone of the browser or in UTC, as chosen, also the next time', async () => {
    const { page, isConnected, sees } = await dashboard().open('viewer', { zone: 'Asia/Kolkata' })
    await isConnected('live')
    await sees(/\d\d:\d\d:\d\d GMT\+5:30/)
    await page.getByRole('button', { name: 'UTC' }).click()
    await sees(/\d\d:\d\d:\d\d UTC/)
    await page.reload()
    await isConnected('live')
    expect(await page.getByText('GMT+5:30').count()).toBe(0)
  })

  test('does not grow by being brought up to date', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    const answer = await (await page.request.get(`${dashboard().cable.url}/api/migration/dashboard`)).json()
    await page.route(STATE, (route) => {
      const at = new Date(Date.now()).toISOString()
      return route.fulfill({ json: { ...answer, at, position: null } })
    })
    await refresh(page, 20)
    const before = await memoryOf(page)
    await refresh(page, 200)
    const after = await memoryOf(page)
    expect(after.elements).toBe(before.elements)
    expect(after.nodes - before.nodes).toBeLessThan(200)
    expect(after.listeners - before.listeners).toBeLessThan(20)
  })

  async function advance(collection: string): Promise<void> {
    await dashboard().operate('POST', `/collections/${collection}/advance`, { reason: 'asked for by the test' })
  }
})
