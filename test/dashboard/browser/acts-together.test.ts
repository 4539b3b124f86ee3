import { beforeEach, expect, test } from 'vitest'
import { ask, cardOf, confirm, entries, epochOf, looked, outcomeOf, reachFull, submitOf, writesOf } from './acting.js'
import { describeInBrowser } from './harness.js'
import { stageIs } from './seen.js'

const STATE = '**/api/migration/dashboard*'
const EVENTS = '**/api/migration/events?*'

describeInBrowser('two operators at once', (dashboard) => {
  beforeEach(() => reachFull(dashboard()))

  test('exactly one moves; the other is told who, what and why, and overwrites nothing', async () => {
    const [ann, ben] = [await dashboard().open('operator'), await dashboard().open('admin')]
    ben.expects(/409|ERR_FAILED/)
    ann.expects(/409/)
    for (const { page, isConnected } of [ann, ben]) {
      await isConnected('live')
      await ask(cardOf(page, 'projects'), 'advance')
      await page.getByLabel('Reason').fill(page === ann.page ? 'Ann was first' : 'Ben wants it, too')
    }
    // Ben's page does not hear of it.
    await ben.page.route(STATE, (route) => route.abort())
    await ben.page.route(EVENTS, (route) => route.abort())
    const epoch = await epochOf(dashboard(), 'projects')
    await submitOf(ann.page).click()
    await outcomeOf(ann.page, 'done')
    await submitOf(ben.page).click()
    const told = await outcomeOf(ben.page, 'conflict')
    expect(told).toMatch(
      /Somebody else was faster: test operator \(operator-token\) moved projects from shadow to live (just now|\d+ s ago): “Ann was first”/,
    )
    expect(await epochOf(dashboard(), 'projects')).toBe(epoch + 1)
    const reasons = (await entries(dashboard(), 'advance-stage')).map(({ reason }) => reason)
    expect(reasons).toContain('Ann was first')
    expect(reasons).not.toContain('Ben wants it, too')

    await ben.page.getByRole('button', { name: 'Look again' }).click()
    await looked(ben.page)
    await ben.page.locator('dialog').getByText('stands at live already').waitFor()
    expect(await submitOf(ben.page).count()).toBe(0)
  })

  test('at the very same moment, one of them wins', async () => {
    const visitors = [await dashboard().open('operator'), await dashboard().open('admin')]
    for (const visitor of visitors) {
      visitor.expects(/409/)
      await visitor.isConnected('live')
      await ask(cardOf(visitor.page, 'projects'), 'advance')
      await visitor.page.getByLabel('Reason').fill('both at once')
    }
    const epoch = await epochOf(dashboard(), 'projects')
    const before = (await entries(dashboard(), 'advance-stage')).length
    await Promise.all(visitors.map(({ page }) => submitOf(page).evaluate((button: HTMLElement) => button.click())))
    const kinds = await Promise.all(
      visitors.map(async ({ page }) => {
        await page.locator('[data-outcome], .moved').first().waitFor()
        return (await page.locator('[data-outcome]').getAttribute('data-outcome', { timeout: 15_000 })) ?? 'moved'
      }),
    )
    expect(kinds.toSorted()).toEqual(['conflict', 'done'])
    expect(await epochOf(dashboard(), 'projects')).toBe(epoch + 1)
    expect((await entries(dashboard(), 'advance-stage')).length).toBe(before + 1)
  })

  test('what changes under an open dialog is told in it, and must be looked at before it can be confirmed', async () => {
    const visitor = await dashboard().open('operator')
    const { page } = visitor
    visitor.expects(/409/)
    await visitor.isConnected('live')
    const sent = writesOf(page)
    await ask(cardOf(page, 'projects'), 'advance')
    await page.getByLabel('Reason').fill('as I saw it')
    await dashboard().operate('POST', '/collections/projects/roll-back', { reason: 'from the command line' })
    await page.locator('dialog').getByText('Look again first').waitFor()
    await page.locator('dialog').getByText('admin-token moved projects from shadow to dualwrite').waitFor()
    await submitOf(page).click({ force: true })
    expect(sent).toEqual([])
    await page.getByRole('button', { name: 'Look again' }).click()
    await looked(page)
    await page.locator('dialog .headline', { hasText: 'dualwrite → shadow' }).waitFor()
    expect(await page.getByLabel('Reason').inputValue()).toBe('as I saw it')
    expect(await page.locator('.moved').count()).toBe(0)
  })

  test('who pauses a run that somebody has paused is told by whom', async () => {
    const visitor = await dashboard().open('operator')
    const { page } = visitor
    visitor.expects(/409|ERR_FAILED/)
    await visitor.isConnected('live')
    const slow = { reason: 'slow', recordsPerSecondMax: 0.1 }
    const { runId } = await dashboard().operate<{ runId: string }>('POST', '/collections/resources/backfill', slow)
    await ask(page, 'pause-run')
    await page.route(STATE, (route) => route.abort())
    await page.route(EVENTS, (route) => route.abort())
    await dashboard().operate('POST', `/runs/${runId}/pause`, { reason: 'before you' })
    await confirm(page, 'after somebody')
    expect(await outcomeOf(page, 'conflict')).toMatch(/faster: admin-token paused the run on resources .*“before you”/)
    await dashboard().operate('POST', `/runs/${runId}/cancel`, { reason: 'the test is over' })
  })
})

describeInBrowser('an act on its way', (dashboard) => {
  beforeEach(() => dashboard().reach('live'))

  test('rolls back in two presses', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    const sent = writesOf(page)
    await cardOf(page, 'projects').locator('[data-act="roll-back"]').click()
    // The same word stands among the reasons while the preview is on its way; and a double click is let go.
    await page.locator('dialog .at-once').getByRole('button', { name: 'Errors', exact: true, disabled: false }).click()
    expect(await outcomeOf(page, 'done')).toContain('projects moved from live to shadow')
    expect(sent.map(({ body }) => body)).toEqual([
      { reason: 'Errors', to: 'shadow', rolloutPercent: 0, ifEpoch: expect.any(Number) },
    ])
  })

  test('rolls back by keys alone, and gives the focus back', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    const opener = cardOf(page, 'resources').locator('[data-act="roll-back"]')
    await opener.focus()
    await page.keyboard.press('Enter')
    await looked(page)
    await page.locator('dialog .at-once button[aria-disabled="false"]').first().waitFor()
    for (let step = 0; step < 40; step++) {
      await page.keyboard.press('Tab')
      const focused = await page.evaluate(() => ({
        text: document.activeElement?.textContent ?? '',
        inDialog: document.activeElement?.closest('dialog') != null || document.activeElement === document.body,
      }))
      expect(focused.inDialog).toBe(true)
      if (focused.text === 'To be safe') break
    }
    await page.keyboard.press('Enter')
    await outcomeOf(page, 'done')
    await page.keyboard.press('Escape')
    await stageIs(page, 'resources', 'shadow')
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-act') === 'roll-back')
  })

  test('is sent once, however often it is pressed', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    const sent = writesOf(page)
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/backfill', async (route) => {
      await held
      await route.continue()
    })
    await ask(cardOf(page, 'projects'), 'backfill')
    await page.getByLabel('Reason').fill('once')
    await submitOf(page).dblclick()
    await submitOf(page).click({ force: true })
    await page.getByText('Closing does not stop it').waitFor()
    release()
    await outcomeOf(page, 'done')
    expect(sent.length).toBe(1)
  })

  test('goes on when its dialog is closed, and its end is announced', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/roll-back', async (route) => {
      await held
      await route.continue()
    })
    await ask(cardOf(page, 'projects'), 'roll-back')
    await confirm(page, 'and closed')
    await page.getByText('Closing does not stop it').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    release()
    await page
      .locator('#announcements', { hasText: 'projects moved from live to shadow' })
      .waitFor({ state: 'attached' })
  })

  test('whose answer is lost is looked for in the audit trail, and not sent again', async () => {
    const visitor = await dashboard().open('operator')
    const { page } = visitor
    visitor.expects(/ERR_/)
    await visitor.isConnected('live')
    const sent = writesOf(page)
    await page.route('**/roll-back', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await ask(cardOf(page, 'projects'), 'roll-back')
    await confirm(page, 'the answer is lost')
    expect(await outcomeOf(page, 'done')).toContain('The audit trail has it, so it was done.')
    expect(sent.length).toBe(1)
  })

  test('that was lost on the way there is not known, and says how to find out', async () => {
    const visitor = await dashboard().open('operator')
    const { page } = visitor
    visitor.expects(/ERR_/)
    await visitor.isConnected('live')
    const sent = writesOf(page)
    await page.route('**/roll-back', (route) => route.abort())
    await ask(cardOf(page, 'projects'), 'roll-back')
    await confirm(page, 'never arrived')
    expect(await outcomeOf(page, 'unknown')).toContain('It is not known whether this was done')
    await page.getByRole('button', { name: 'Look in the audit trail again' }).waitFor()
    expect(sent.length).toBe(1)
    expect((await entries(dashboard(), 'roll-back')).map(({ reason }) => reason)).not.toContain('never arrived')
  })
})
