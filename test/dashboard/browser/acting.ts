import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Dashboard } from './harness.js'

/** The card of a collection. */
export function cardOf(page: Page, collection: string): Locator {
  return page.locator(`article[aria-labelledby="collection-${collection}"]`)
}

/** Opens the dialog of an act, and waits until it says what would happen. */
export async function ask(place: Page | Locator, kind: string): Promise<void> {
  await place.locator(`[data-act="${kind}"]`).first().click()
  await looked('page' in place ? place.page() : place)
}

export async function looked(page: Page): Promise<void> {
  await page.locator('dialog[open]').waitFor()
  await page.locator('dialog .happening:not([aria-busy="true"])').waitFor()
}

export function submitOf(page: Page): Locator {
  return page.locator('dialog button[type="submit"]')
}

/** Says why, types what must be typed, and confirms. */
export async function confirm(page: Page, reason: string, typed?: string): Promise<void> {
  await page.getByLabel('Reason').fill(reason)
  if (typed !== undefined) await page.locator('input[name="typed"]').fill(typed)
  await submitOf(page).click()
}

/** With its entry, which may be some requests away. */
const OUTCOME_MS = 30_000

/** Waits for the outcome, and answers what is shown of it. */
export async function outcomeOf(page: Page, kind: string): Promise<string> {
  const shown = page.locator('[data-outcome]')
  await shown.waitFor({ timeout: OUTCOME_MS }).catch(async (error: Error) => {
    const dialogs = await page.locator('dialog').allInnerTexts()
    throw new Error(`${error.message} In its place: ${dialogs.join(' | ')}`)
  })
  const text = await shown.innerText()
  expect([await shown.getAttribute('data-outcome'), text]).toEqual([kind, text])
  return text
}

/** It is done, its entry is shown, and the trail has that entry. */
export async function isDone(dashboard: Dashboard, page: Page, action: string, reason: string): Promise<string> {
  const text = await outcomeOf(page, 'done')
  const found = (await entries(dashboard, action)).filter((entry) => entry.reason === reason)
  expect(found.map(({ by }) => by)).toEqual([expect.stringMatching(/-token \(test (operator|admin)\)$/)])
  for (const shown of [action, reason, 'In the audit trail']) expect(text).toContain(shown)
  await page.keyboard.press('Escape')
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
  return text
}

/** Every collection in shadow, with both stores known to be full: every way is open. */
export async function reachFull({ reach }: Dashboard): Promise<void> {
  await reach('live')
  await reach('shadow')
}

export interface Entry {
  by: string
  reason: string
  collection: string | null
  after: { stage?: string; epoch?: number } | null
}

export async function entries({ operate }: Dashboard, action: string): Promise<Entry[]> {
  return (await operate<{ items: Entry[] }>('GET', `/audit?action=${action}&limit=100`)).items
}

/** Counts what the page sends to change something. */
export function writesOf(page: Page): { path: string; body: unknown }[] {
  const sent: { path: string; body: unknown }[] = []
  page.on('request', (request) => {
    if (request.method() === 'GET' || /"rehearsal":true/.test(request.postData() ?? '')) return
    sent.push({ path: new URL(request.url()).pathname, body: request.postDataJSON() })
  })
  return sent
}

export async function epochOf({ operate }: Dashboard, collection: string): Promise<number> {
  return (await operate<{ epoch: number }>('GET', `/collections/${collection}`)).epoch
}
