import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ask, cardOf, confirm, outcomeOf } from './acting.js'
import { chromiumPath, launchChromium } from './harness.js'
import { takeScreenshots } from './screenshots.js'
import { isMarked, mark, stageIs } from './seen.js'
import { startDemo } from './started-demo.js'
import { visit } from './visitor.js'
import { keepWatch, kept, type Snapshot } from './watching.js'
import { startWitnesses, type Witnesses } from './witnesses.js'

const NO_CHROMIUM =
  chromiumPath === null ? ' (skipped: there is no Chromium on PATH, and CUTOVER_CHROMIUM names none)' : ''
/** Chromium, the demo's five processes and a page that is watched, on a machine that may be busy with other tests. */
const LIMIT_MS = 600_000
const STEP_MS = 120_000

test.skipIf(chromiumPath === null)(
  `the whole demo is watched from the page, and steered from it when it has ended${NO_CHROMIUM}`,
  { timeout: LIMIT_MS },
  async () => {
    const browser = await launchChromium()
    const demo = await startDemo(['--records', '60', '--pace', 'fast', '--keep', '--json'])
    try {
      const visitor = await visit(browser, new URL(demo.url).origin, {})
      // An instance that is ended in the midst of an answer breaks that answer off; the page asks again.
      visitor.expects(/net::ERR_(INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/)
      const { page } = visitor
      await page.goto(demo.url)
      await page.getByLabel('Token').fill(demo.token)
      await page.getByLabel('Your name').fill('Ada')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await visitor.isConnected('live', STEP_MS)
      await mark(page)
      await keepWatch(page)

      const report = await demo.report
      expect(report).toMatchObject({ ok: true, lostWrites: 0, staleReads: 0, failedCalls: 0 })
      for (const name of ['projects', 'resources']) await stageIs(page, name, 'complete', STEP_MS)
      expect(await isMarked(page)).toBe(true)
      sawTheCourse(await kept(page))
      await takeScreenshots(page, 'demo-complete')

      const witnesses = await startWitnesses(new URL(demo.url).origin)
      await steer(page, witnesses).finally(witnesses.stop)
      expect(await isMarked(page)).toBe(true)
      await takeScreenshots(page, 'demo-on-again')
      await visitor.leave()
    } finally {
      await browser.close()
      await demo.end()
    }
    expect(await demo.exitCode).toBe(0)
    await expect(fetch(demo.url)).rejects.toThrow()
  },
)

/** Back from the end, which takes a pass, and on again, with clients at work all the time. */
async function steer(page: Page, witnesses: Witnesses): Promise<void> {
  const card = cardOf(page, 'projects')
  await ask(card, 'roll-back')
  const promised = await page.locator('dialog[open]').innerText()
  expect(promised).toMatch(/[\d,]+ records?, about/)
  await takeScreenshots(page, 'demo-roll-back')
  await confirm(page, 'back from the end, to see whether it can be done')
  expect(await outcomeOf(page, 'done')).toContain('The rollback of projects has begun')
  await page.keyboard.press('Escape')
  const newest = page.locator('#rollbacks li.rollback').first()
  await newest.filter({ hasText: 'back from the end' }).waitFor({ timeout: STEP_MS })
  await takeScreenshots(page, 'demo-going-back')
  await newest.filter({ hasText: 'completed' }).waitFor({ timeout: STEP_MS })
  await stageIs(page, 'projects', 'shadow', STEP_MS)
  expect(await newest.innerText()).toContain('admin-token (Ada)')
  const trail = page.locator('#audit .entries li')
  const entry = trail.filter({ hasText: 'roll-back-component' }).filter({ hasText: 'by admin-token (Ada)' })
  expect(await entry.first().innerText()).toContain('back from the end, to see whether it can be done')
  await witnesses.more(5)

  await ask(card, 'advance')
  await confirm(page, 'and on again')
  expect(await outcomeOf(page, 'done')).toContain('projects moved from shadow to live')
  await page.keyboard.press('Escape')
  await stageIs(page, 'projects', 'live', STEP_MS)
  await trail.filter({ hasText: 'and on again' }).filter({ hasText: 'by admin-token (Ada)' }).first().waitFor()
  await witnesses.more(5)
  expect(await witnesses.violations()).toEqual([])
}

const STAGES = ['dualwrite', 'shadow', 'live', 'rampdown', 'complete']
const QUESTIONS = ['What is happening?', 'Is it safe?', 'How do I go back?']

/** Stages, runs and the three answers, as they came by live updates. */
function sawTheCourse(seen: readonly Snapshot[]): void {
  for (const collection of ['projects', 'resources']) {
    const stages = new Set(seen.map(({ stages: at }) => at[collection]?.split(' ')[0]))
    expect([...stages].filter((stage) => stage !== 'off')).toEqual(STAGES)
  }
  const runs = seen.flatMap(({ runs: underWay, ended }) => [...underWay, ...ended])
  for (const kind of ['Back-fill of', 'Validation of']) expect(runs.some((run) => run.startsWith(kind))).toBe(true)
  expect(seen.some(({ runs: underWay }) => underWay.some((run) => /\d+ % *\n?.*\d+ of \d+ records/s.test(run)))).toBe(
    true,
  )
  for (const { answers } of seen) {
    expect(answers.map(({ question }) => question)).toEqual(QUESTIONS)
    expect(answers.filter(({ line }) => line.length < 10)).toEqual([])
  }
  expect(seen.filter(isSaidToBeSafe).filter((shown) => !isProved(shown))).toEqual([])
}

function isSaidToBeSafe({ answers }: Snapshot): boolean {
  return answers[1]?.line.startsWith('Yes') === true
}

/** Nothing critical is open, and the copies of whatever has begun are known to agree. */
function isProved({ stages, agreement, critical }: Snapshot): boolean {
  const begun = Object.entries(stages).filter(([, stage]) => stage !== 'off')
  return critical === 0 && begun.every(([collection]) => /both agree|repaired/.test(agreement[collection] ?? ''))
}
