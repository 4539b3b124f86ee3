import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

/**
 * What axe has against the page as it is now, one line for each place; best practices count as well. `rules`: only
 * these, where nothing else can have changed.
 */
export async function accessibilityFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (await page.evaluate(() => !Reflect.has(globalThis, 'axe'))) await page.evaluate(await source())
  const { violations } = await page.evaluate(async (only): Promise<AxeResults> => {
    const axe = Reflect.get(globalThis, 'axe')
    const some = only === undefined ? {} : { runOnly: { type: 'rule', values: only } }
    return axe.run(document, { resultTypes: ['violations'], preload: false, ...some })
  }, rules)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary ?? ''}`.slice(0, 400)),
  )
}

let loaded: Promise<string> | undefined

function source(): Promise<string> {
  loaded ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  return loaded
}
