import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ask, cardOf, confirm, outcomeOf } from './acting.js'
import { describeInBrowser } from './harness.js'
import { takeScreenshots } from './screenshots.js'
import { stageIs } from './seen.js'
import { startWitnesses, type Witnesses } from './witnesses.js'

/** Waits are bounded by this: nothing here is about how fast a machine is. */
const STEP_MS = 60_000
const TEST_MS = 240_000
const COMMANDS_SLOW_MS = 400

describeInBrowser(
  'a rollback at the worst moment, with writers under way',
  (dashboard) => {
    let witnesses: Witnesses | undefined
    let cancelled = async (): Promise<void> => {}

    beforeAll(async () => {
      // Nobody but the test turns anything back.
      const { items } = await dashboard().operate<{ items: { name: string }[] }>('GET', '/rules')
      for (const { name } of items) await dashboard().operate('POST', `/rules/${name}/disarm`, { reason: 'a test' })
      witnesses = await startWitnesses(dashboard().app.url)
    }, TEST_MS)
    afterEach(async () => {
      await cancelled()
      cancelled = async () => {}
      await target('DELETE', 'faults')
      await target('POST', 'outage', { down: false })
    })
    afterAll(() => witnesses?.stop())

    test('half of the records are live and a back-fill is under way', { timeout: TEST_MS }, async () => {
      await dashboard().reach('live')
      const half = { to: 'shadow', rolloutPercent: 50, reason: 'the half of it' }
      await dashboard().operate('POST', '/collections/projects/roll-back', half)
      const slow = { reason: 'a slow pass', recordsPerSecondMax: 1 }
      const { runId } = await dashboard().operate<{ runId: string }>('POST', '/collections/projects/backfill', slow)
      cancelled = async () => {
        await dashboard().operate('POST', `/runs/${runId}/cancel`, { reason: 'the test is over' })
      }
      await witnesses?.more(5)
      const { page, isConnected } = await dashboard().open('operator')
      await isConnected('live', STEP_MS)
      await page
        .locator('#runs')
        .getByText('Back-fill of projects', { exact: true })
        .first()
        .waitFor({ timeout: STEP_MS })
      await takeScreenshots(page, 'worst-half')
      await ask(cardOf(page, 'projects'), 'roll-back')
      await page
        .locator('dialog .at-once')
        .getByRole('button', { name: 'Errors', exact: true, disabled: false })
        .click()
      const told = await outcomeOf(page, 'done')
      expect(told).toContain('projects moved from live to shadow')
      await takeScreenshots(page, 'worst-half-done')
      await page.keyboard.press('Escape')
      await stageIs(page, 'projects', 'shadow', STEP_MS)
      expect(await answers(page)).toContain('projects is at shadow')
      await endsAt('projects', 'shadow')
      await nothingIsLost()
    })

    test('the target dawdles', { timeout: TEST_MS }, async () => {
      await dashboard().reach('live')
      const { page, isConnected } = await dashboard().open('operator')
      await isConnected('live', STEP_MS)
      await target('POST', 'faults', [{ fault: 'delay', delayMs: COMMANDS_SLOW_MS }])
      await witnesses?.more(3)
      await ask(cardOf(page, 'projects'), 'roll-back')
      await takeScreenshots(page, 'worst-slow-dialog')
      await confirm(page, 'the target dawdles')
      expect(await outcomeOf(page, 'done')).toContain('projects moved from live to shadow')
      await page.keyboard.press('Escape')
      await stageIs(page, 'projects', 'shadow', STEP_MS)
      await takeScreenshots(page, 'worst-slow')
      await target('DELETE', 'faults')
      await endsAt('projects', 'shadow')
      await nothingIsLost()
    })

    test('the target does not answer at all', { timeout: TEST_MS }, async () => {
      await dashboard().reach('live')
      const visitor = await dashboard().open('admin')
      const { page, isConnected } = visitor
      visitor.expects(/50[0-9]|409/)
      await isConnected('live', STEP_MS)
      await target('POST', 'outage', { down: true })
      await page.locator('.verdict').getByText('does not answer').first().waitFor({ timeout: STEP_MS })
      expect(await answers(page)).not.toMatch(/Yes\.|Nothing speaks against it/)
      expect(await answers(page)).toContain('every write fails: the target cannot be reached')
      await page.locator('header.top [data-act="emergency-stop"]').waitFor()
      await takeScreenshots(page, 'worst-outage')
      await ask(cardOf(page, 'projects'), 'roll-back')
      await takeScreenshots(page, 'worst-outage-dialog')
      await confirm(page, 'the target is gone')
      expect(await outcomeOf(page, 'done')).toContain('The rollback of projects has begun')
      await takeScreenshots(page, 'worst-outage-done')
      await page.keyboard.press('Escape')
      await target('POST', 'outage', { down: false })
      await endsAt('projects', 'shadow')
      await stageIs(page, 'projects', 'shadow', STEP_MS)
      const entry = page.locator('#audit .entries li').filter({ hasText: 'the target is gone' })
      await entry.filter({ hasText: 'by admin-token (test admin)' }).first().waitFor({ timeout: STEP_MS })
      await takeScreenshots(page, 'worst-outage-over')
      await nothingIsLost()
    })

    test('the answer is lost with the connection', { timeout: TEST_MS }, async () => {
      await dashboard().reach('rampdown')
      const visitor = await dashboard().open('operator')
      const { page, isConnected } = visitor
      visitor.expects(/net::ERR_|Failed to load/)
      await isConnected('live', STEP_MS)
      await witnesses?.more(5)
      await page.route('**/api/migration/rollback/projects', async (route) => {
        if (route.request().postDataJSON().rehearsal === true) return route.continue()
        await route.fetch()
        await dashboard().cable.cut()
        await route.abort('connectionreset')
      })
      await ask(cardOf(page, 'projects'), 'roll-back')
      await takeScreenshots(page, 'worst-cut-dialog')
      await confirm(page, 'and then the line went dead')
      expect(await outcomeOf(page, 'unknown')).toContain('It is not known whether this was done')
      await takeScreenshots(page, 'worst-cut-unknown')
      await witnesses?.more(5)
      await dashboard().cable.mend()
      await isConnected('live', STEP_MS)
      await page.getByRole('button', { name: 'Look in the audit trail again' }).click()
      await page.locator('[data-outcome="done"]').waitFor({ timeout: STEP_MS })
      const told = await outcomeOf(page, 'done')
      expect(told).toContain('The audit trail has it, so it was done.')
      expect(told).toContain('and then the line went dead')
      await takeScreenshots(page, 'worst-cut-known')
      await page.keyboard.press('Escape')
      const newest = page.locator('#rollbacks li.rollback').filter({ hasText: 'and then the line went dead' })
      await newest.filter({ hasText: 'completed' }).waitFor({ timeout: STEP_MS })
      await stageIs(page, 'projects', 'shadow', STEP_MS)
      await endsAt('projects', 'shadow')
      await nothingIsLost()
    })

    async function endsAt(collection: string, stage: string): Promise<void> {
      const now = async (): Promise<unknown> => {
        await dashboard().tick()
        return dashboard().operate('GET', `/collections/${collection}`)
      }
      await expect
        .poll(now, { timeout: STEP_MS, interval: 500 })
        .toMatchObject({ stage, rolloutPercent: 100, settling: false })
    }

    async function nothingIsLost(): Promise<void> {
      await witnesses?.more(5)
      expect(await witnesses?.violations()).toEqual([])
    }

    /** The store that is moved to, at the gateway in front of it. */
    async function target(method: string, what: string, body?: object): Promise<void> {
      const { url, token } = dashboard().app.stack.redis
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await fetch(`${url}/__admin/${what}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...sent,
      })
      if (!answer.ok) throw new Error(`The gateway answered ${answer.status}.`)
    }
  },
  { env: { CUTOVER_LEAVE_BEHIND: 'false' } },
)

function answers(page: Page): Promise<string> {
  return page.locator('.verdict').innerText()
}
