import { beforeEach, expect, test } from 'vitest'
import { raiseAlert } from '../../../lib/engine/alerts/raise.js'
import { ask, cardOf, confirm, entries, isDone, looked, outcomeOf, reachFull, submitOf, writesOf } from './acting.js'
import { accessibilityFaults } from './axe.js'
import { type Dashboard, describeInBrowser } from './harness.js'
import { stageIs } from './seen.js'

describeInBrowser('acts, each with its entry in the audit trail', (dashboard) => {
  beforeEach(() => reachFull(dashboard()))

  test('advance, set the rollout, and back again', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    const card = cardOf(page, 'projects')
    await ask(card, 'advance')
    await page.getByRole('button', { name: '10 %', exact: true }).click()
    await looked(page)
    await page.locator('dialog .headline', { hasText: 'shadow → live (10 %)' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await confirm(page, 'a tenth of it')
    const text = await isDone(dashboard(), page, 'advance-stage', 'a tenth of it')
    expect(text).toContain('shadow, 100 % → live, 10 %')
    await stageIs(page, 'projects', 'live')

    await card.locator('[data-act="set-rollout"]').click()
    await page.getByLabel('Share at live').fill('0.01')
    await page.getByText('Set to 0.01 %').waitFor()
    await looked(page)
    await confirm(page, 'a hundredth of a percent')
    await isDone(dashboard(), page, 'roll-back', 'a hundredth of a percent')
    expect((await standing('projects')).rolloutPercent).toBe(0.01)

    await page.waitForFunction(() => document.body.innerText.includes('0.01 %'))
    await ask(card, 'roll-back')
    await page.getByLabel('Back to').selectOption('dualwrite')
    await looked(page)
    await confirm(page, 'further back')
    await isDone(dashboard(), page, 'roll-back', 'further back')
    expect((await standing('projects')).stage).toBe('dualwrite')
  })

  test('back-fill, validate, repair, and check for loss', { timeout: 90_000 }, async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    const consistency = page
      .locator('#consistency article, #consistency section')
      .filter({ hasText: 'projects' })
      .first()
    await ask(cardOf(page, 'projects'), 'backfill')
    await confirm(page, 'a pass')
    await isDone(dashboard(), page, 'start-backfill', 'a pass')
    await ended('projects', 'backfill')

    await loseOne(dashboard(), 'projects', 'r7')
    await ask(consistency, 'validate')
    await confirm(page, 'a look')
    await isDone(dashboard(), page, 'start-validate', 'a look')
    await ended('projects', 'validate', 'failed')

    await page.locator('[data-act="repair"]').first().waitFor({ timeout: 15_000 })
    await ask(page, 'repair')
    await confirm(page, 'brought together', 'projects')
    await isDone(dashboard(), page, 'start-validate', 'brought together')
    expect(await ended('projects', 'validate')).toMatchObject({ counters: { repaired: 1 } })

    await ask(consistency, 'check-zero-loss')
    await confirm(page, 'the proof')
    await isDone(dashboard(), page, 'start-validate', 'the proof')
  })

  test('pause, resume and cancel a run', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    await dashboard().operate('POST', '/collections/resources/backfill', { reason: 'slow', recordsPerSecondMax: 0.1 })
    await ask(page, 'pause-run')
    await confirm(page, 'a rest')
    await isDone(dashboard(), page, 'pause-run', 'a rest')
    await ask(page, 'resume-run')
    await confirm(page, 'on again')
    await isDone(dashboard(), page, 'resume-run', 'on again')
    await ask(page, 'cancel-run')
    await confirm(page, 'enough', 'resources')
    await isDone(dashboard(), page, 'cancel-run', 'enough')
  })

  test('pause and resume a plan and a program', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await dashboard().operate('POST', '/plans', { reason: 'the week' })
    const phases = [{ name: 'first', components: ['resources'], course: { kind: 'week' } }]
    await dashboard().operate('POST', '/programs', { name: 'two-parts', phases, reason: 'all of it' })
    await isConnected('live')
    for (const [kind, action] of [
      ['pause-plan', 'plan-paused'],
      ['resume-plan', 'plan-resumed'],
      ['pause-program', 'program-paused'],
      ['resume-program', 'program-resumed'],
    ] as const) {
      await ask(page, kind)
      await confirm(page, `to ${kind}`)
      await isDone(dashboard(), page, action, `to ${kind}`)
    }
  })

  test('acknowledge and resolve an alert', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    const alert = { about: 'test', component: 'projects', message: 'Look at this.' }
    await raiseAlert(await dashboard().app.wired.control(), {
      ...alert,
      kind: 'integrity-violation',
      severity: 'critical',
    })
    await ask(page.locator('#alerts'), 'acknowledge-alert')
    await confirm(page, 'I look after it')
    await isDone(dashboard(), page, 'acknowledge-alert', 'I look after it')
    await ask(page.locator('#alerts'), 'resolve-alert')
    await confirm(page, 'It is over')
    await isDone(dashboard(), page, 'resolve-alert', 'It is over')
  })

  test('stop everything by a key, and lift the stop', async () => {
    const { page, isConnected } = await dashboard().open('admin')
    await isConnected('live')
    await page.keyboard.press('Shift+E')
    await looked(page)
    await page.locator('dialog').getByText('From shadow to dualwrite, at once.').first().waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await confirm(page, 'a drill', 'STOP')
    await isDone(dashboard(), page, 'emergency-stop', 'a drill')
    await stageIs(page, 'projects', 'dualwrite')

    await ask(page.locator('header.top'), 'lift-emergency-stop')
    await confirm(page, 'the drill is over', 'LIFT')
    await isDone(dashboard(), page, 'lift-emergency-stop', 'the drill is over')
  })

  async function standing(collection: string) {
    return dashboard().operate<{ stage: string; rolloutPercent: number }>('GET', `/collections/${collection}`)
  }

  async function ended(collection: string, kind: string, status = 'succeeded') {
    const latest = async () => {
      const runs = await dashboard().operate<{ kind: string; status: string }[]>(
        'GET',
        `/runs?collection=${collection}`,
      )
      return runs.find((run) => run.kind === kind)
    }
    await expect.poll(async () => (await latest())?.status, { timeout: 15_000 }).toBe(status)
    return latest()
  }
})

describeInBrowser('what must be there before an act', (dashboard) => {
  beforeEach(() => reachFull(dashboard()))

  test('a reason, said to everybody', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    const sent = writesOf(page)
    await ask(cardOf(page, 'projects'), 'backfill')
    const button = submitOf(page)
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    const described = page.locator(`#${await button.getAttribute('aria-describedby')}`)
    expect(await described.innerText()).toMatch(/^Say why first/)
    await button.click({ force: true })
    await page.getByLabel('Reason').fill('   ')
    await button.click({ force: true })
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    expect(sent).toEqual([])
  })

  test('its name typed, where it is dangerous', async () => {
    const { page, isConnected } = await dashboard().open('operator')
    await isConnected('live')
    const sent = writesOf(page)
    await ask(cardOf(page, 'projects'), 'advance')
    await page.getByLabel('To', { exact: true }).selectOption('rampdown')
    await page.locator('dialog .headline', { hasText: '→ rampdown' }).waitFor()
    await page.getByLabel('Reason').fill('all the way')
    for (const typed of ['', 'project', 'PROJECTS', 'resources']) {
      await page.locator('input[name="typed"]').fill(typed)
      await page.locator('input[name="typed"]').press('Enter')
      expect(await submitOf(page).getAttribute('aria-disabled')).toBe('true')
    }
    expect(sent).toEqual([])
    await page.locator('input[name="typed"]').fill('projects')
    await page.locator('input[name="typed"]').press('Enter')
    await outcomeOf(page, 'done')
    expect(sent.map(({ path }) => path)).toEqual(['/api/migration/collections/projects/advance'])
  })

  test('a preview that is not refused: else there is the mend and no button', async () => {
    await dashboard().reach('dualwrite')
    const visitor = await dashboard().open('operator')
    const { page } = visitor
    visitor.expects(/409/)
    await visitor.isConnected('live')
    await dashboard().operate('POST', '/collections/projects/advance', { to: 'shadow', reason: 'a new period' })
    await stageIs(page, 'projects', 'shadow')
    await ask(cardOf(page, 'projects'), 'advance')
    await page.locator('dialog').getByText('let a back-fill complete in shadow, then ask again').waitFor()
    expect(await submitOf(page).count()).toBe(0)
    expect(await page.getByLabel('Reason').count()).toBe(0)
  })

  test('the right: a viewer has no buttons, and the API refuses', async () => {
    const visitor = await dashboard().open('viewer')
    const { page } = visitor
    visitor.expects(/403/)
    await visitor.isConnected('live')
    expect(await page.locator('[data-act]').count()).toBe(0)
    await page.keyboard.press('Shift+E')
    expect(await page.locator('dialog').count()).toBe(0)
    const status = await page.evaluate(async () => {
      const headers = { 'Content-Type': 'application/json' }
      const body = JSON.stringify({ reason: 'as a viewer' })
      return (await fetch('/api/migration/emergency-stop', { method: 'POST', headers, body })).status
    })
    expect(status).toBe(403)
  })

  test('the right, which the server has taken away: it is shown as such', async () => {
    const visitor = await dashboard().open('operator')
    const { page } = visitor
    visitor.expects(/403/)
    await visitor.isConnected('live')
    await ask(cardOf(page, 'projects'), 'backfill')
    const origin = dashboard().cable.url
    const data = { token: 'viewer-token-of-these-tests' }
    await visitor.context.request.post(`${origin}/api/session`, { data, headers: { origin } })
    await confirm(page, 'not mine any more')
    expect(await outcomeOf(page, 'failed')).toContain('This needs the role operator')
    expect((await entries(dashboard(), 'start-backfill')).map(({ reason }) => reason)).not.toContain(
      'not mine any more',
    )
  })
})

/** A record is gone at the target, and nobody knows. */
async function loseOne({ app }: Dashboard, collection: string, id: string): Promise<void> {
  const { url, token } = app.stack.redis
  const redis = async (...command: string[]): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(command) })
    return ((await response.json()) as { result: unknown }).result
  }
  expect(await redis('DEL', `${collection}:${id}`, `cutover:m:${collection}:${id}`)).toBe(2)
}
