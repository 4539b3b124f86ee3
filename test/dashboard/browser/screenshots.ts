import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

const SCHEMES = ['light', 'dark'] as const
const SIZES = [
  { width: 1440, height: 900, fullPage: true },
  { width: 390, height: 844, fullPage: false },
  { width: 390, height: 844, fullPage: true },
]

/** Pictures of the page into the folder that `CUTOVER_SCREENSHOTS` names; without it, none. */
export async function takeScreenshots(page: Page, name: string): Promise<void> {
  const folder = process.env.CUTOVER_SCREENSHOTS
  if (!folder) return
  await mkdir(folder, { recursive: true })
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme })
    for (const { fullPage, ...size } of SIZES) {
      await page.setViewportSize(size)
      await page.evaluate(() => scrollTo(0, 0))
      const file = `${name}-${size.width}${fullPage ? '' : '-first'}-${colorScheme}.png`
      await page.screenshot({ path: join(folder, file), fullPage })
    }
  }
}
