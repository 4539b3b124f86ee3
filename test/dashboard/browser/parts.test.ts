import { expect, it } from 'vitest'
import { ask, confirm, entries, isDone, looked, outcomeOf } from './acting.js'
import { type Dashboard, describeInBrowser } from './harness.js'

async function declared({ operate }: Dashboard, name: string): Promise<string> {
  const flag = `new-${name}`
  await operate('PUT', `/feature-flags/${flag}/definition`, { definition: {}, reason: 'test' })
  await operate('PUT', `/components/${name}`, { flag, reason: 'test' })
  return flag
}

async function percentOf({ operate }: Dashboard, flag: string): Promise<unknown> {
  return (await operate('GET', `/feature-flags/${flag}`)).value
}

describeInBrowser('a part that a flag switches', (dashboard) => {
  it('gets another share from the page, and goes back in two presses', async () => {
    const flag = await declared(dashboard(), 'search')
    const { page } = await dashboard().open('operator')
    await ask(page.locator('#parts'), 'set-share')
    await page.locator('input[name="share"]').fill('12.5')
    await confirm(page, 'first look')
    await isDone(dashboard(), page, 'set-flag', 'first look')
    expect(await percentOf(dashboard(), flag)).toBe(12.5)
    await page.getByText('gradual: 13 % new').waitFor()

    await ask(page.locator('#parts'), 'roll-back-part')
    await page.locator('.at-once button:not([aria-disabled="true"])').first().click()
    await outcomeOf(page, 'done')
    expect(await percentOf(dashboard(), flag)).toBe(false)
    expect(await entries(dashboard(), 'roll-back-component')).toHaveLength(1)
  })

  it('is set by one of two operators, and the other is told by whom', async () => {
    const flag = await declared(dashboard(), 'billing')
    const visitor = await dashboard().open('operator')
    visitor.expects(/409/)
    const { page } = visitor
    await ask(page.locator('article[aria-labelledby="part-billing"]'), 'set-share')
    await page.locator('input[name="share"]').fill('50')
    await dashboard().operate('PUT', `/feature-flags/${flag}`, { value: 1, reason: 'somebody else' })
    await confirm(page, 'too late').catch(() => {}) // the page may have seen it before, and holds the button
    const told = page.locator('dialog .moved, dialog [data-outcome="conflict"]')
    await told.first().waitFor({ timeout: 15_000 })
    await page.getByText('somebody else').first().waitFor({ timeout: 15_000 })
    expect(await percentOf(dashboard(), flag)).toBe(1)

    await page.getByRole('button', { name: 'Look again' }).click()
    await looked(page)
    await page.locator('input[name="share"]').fill('50')
    await confirm(page, 'knowing that')
    await isDone(dashboard(), page, 'set-flag', 'knowing that')
    expect(await percentOf(dashboard(), flag)).toBe(50)
  })

  it('that was killed cannot be raised here, and the page says who killed it', async () => {
    const flag = await declared(dashboard(), 'mail')
    await dashboard().operate('POST', `/feature-flags/${flag}/kill`, { reason: 'it sends twice' })
    const { page } = await dashboard().open('operator')
    await ask(page.locator('article[aria-labelledby="part-mail"]'), 'set-share')
    await page.locator('input[name="share"]').fill('50')
    await page.getByText('it sends twice').first().waitFor()
    expect(await page.locator('dialog button[type="submit"]').getAttribute('aria-disabled')).toBe('true')
  })
})
