import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'

/** One operator at one browser window, and everything that went wrong in it. */
export interface Visitor {
  page: Page
  context: BrowserContext
  /** The test brings this about itself: a message that matches is no trouble. */
  expects(pattern: RegExp): void
  /** The text is shown, soon unless said otherwise. */
  sees(text: string | RegExp, timeoutMs?: number): Promise<void>
  /** The word of the connection: `live`, `polling`, `offline`, ... */
  isConnected(kind: string, timeoutMs?: number): Promise<void>
  /** Ends it, and fails for errors in the console, breaches of the policy, and requests to other hosts. */
  leave(): Promise<void>
}

/** What takes two seconds, on a machine that is busy with other tests. */
export const WAIT_MS = 10_000

export interface VisitOptions {
  width?: number
  height?: number
  scheme?: 'light' | 'dark'
  javaScript?: boolean
  /** IANA name. */
  zone?: string
}

export async function visit(browser: Browser, url: string, options: VisitOptions): Promise<Visitor> {
  const { width = 1440, height = 900, scheme = 'light', javaScript = true, zone = 'Europe/Berlin' } = options
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    javaScriptEnabled: javaScript,
    timezoneId: zone,
    reducedMotion: 'reduce',
  })
  const trouble: string[] = []
  const expected: RegExp[] = []
  await context.exposeBinding('tellBreach', (_, text: string) => trouble.push(`policy: ${text}`))
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      Reflect.get(globalThis, 'tellBreach')(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`)
    })
  })
  context.on('request', (request) => {
    const address = new URL(request.url())
    if (address.protocol.startsWith('http') && address.origin !== url) trouble.push(`asks ${address.origin}`)
  })
  context.on('weberror', (error) => trouble.push(`page: ${error.error().stack ?? error.error().message}`))
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') trouble.push(`console: ${message.text()}`)
  })
  const page = await context.newPage()
  return {
    page,
    context,
    expects: (pattern) => expected.push(pattern),
    sees: (text, timeout = WAIT_MS) => page.getByText(text).first().waitFor({ timeout }),
    isConnected: (kind, timeout = WAIT_MS) => page.locator(`[data-connection="${kind}"]`).waitFor({ timeout }),
    async leave() {
      await context.close()
      expect(trouble.filter((text) => !expected.some((pattern) => pattern.test(text)))).toEqual([])
    },
  }
}
