import { Hono } from 'hono'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { CommandContext } from '../../lib/commands/context.js'
import { showDashboard } from '../../lib/commands/operators/state/show-dashboard.js'
import { CutoverError } from '../../lib/core/error.js'
import { dashboardRoutes } from '../../lib/dashboard/routes.js'
import type { Boot, DashboardState } from '../../lib/dashboard/state.js'
import { collectionState, dashboardState } from './fixtures.js'

const HOST = 'https://migration.example'
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

afterEach(() => vi.restoreAllMocks())

describe('the page', () => {
  test('is kept by nobody, framed by nobody and lets in nothing, signed in or not', async () => {
    for (const response of [await asked(), await asked({ signedIn: false })]) {
      expect(response.headers.get('content-type')).toMatch(/^text\/html/)
      expect(response.headers.get('content-security-policy')).toBe(POLICY)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  test('gives whoever is not signed in a form, no data and no script', async () => {
    const html = await (await asked({ signedIn: false, path: '/?sign-in=<script>alert(1)</script>' })).text()
    expect(html).toContain('action="/api/session"')
    expect(html).not.toMatch(/<script|projects/)
  })

  test('carries its state as data that no text in it can end early', async () => {
    const reason = '</script><script>alert(1)</script><!-- \u2028 "x'
    const audit = { items: [entry(reason)], next: null }
    const html = await (await asked({ state: { audit } })).text()
    expect(html.match(/<script/g)).toHaveLength(2)
    expect(bootIn(html).state?.audit?.items[0]?.reason).toBe(reason)
  })

  test('says who is signed in, and renews the session where that is due', async () => {
    const response = await asked({ renewal: 'cutover=1; Path=/' })
    expect(response.headers.get('set-cookie')).toBe('cutover=1; Path=/')
    expect(bootIn(await response.text())).toMatchObject({
      caller: { name: 'operator-token', role: 'operator' },
      host: 'migration.example',
    })
  })
})

describe('where something is wrong', () => {
  test('a control plane that does not answer is said, with the stop in reach', async () => {
    const html = await (await asked({ error: new CutoverError('unavailable', 'The ledger is away.') })).text()
    expect(html).toContain('The ledger is away.')
    expect(html).toContain('data-act="emergency-stop"')
  })

  test('a fault of ours is logged and not told, and leaves the page standing', async () => {
    const faults: unknown[] = []
    const error = new TypeError('of a secret')
    const response = await asked({ error, fault: (where, what) => faults.push([where, what]) })
    const html = await response.text()
    expect(response.status).toBe(200)
    expect(html).toContain('data-act="emergency-stop"')
    expect(html).not.toContain('of a secret')
    expect(faults).toEqual([['the page', error]])
  })

  test('a part that cannot be drawn takes none of the others', async () => {
    const broken = { items: [entry('a reason', 'no moment')], next: null }
    const response = await asked({ state: { collections: [collectionState()], audit: broken } })
    const html = await response.text()
    expect(response.status).toBe(200)
    expect(html).toContain('This part could not be drawn')
    expect(html).toContain('id="collections"')
    expect(html).toContain('data-act="emergency-stop"')
  })
})

interface Around {
  path?: string
  signedIn?: boolean
  renewal?: string | null
  state?: Partial<DashboardState>
  error?: Error
  fault?: NonNullable<CommandContext['fault']>
}

async function asked({ path = '/', signedIn = true, renewal = null, state, error, fault }: Around = {}) {
  const run = vi.spyOn(showDashboard, 'run')
  if (error === undefined) run.mockResolvedValue(dashboardState(state))
  else run.mockRejectedValue(error)
  const context = { ...(fault === undefined ? {} : { fault }) } as CommandContext
  const session = { caller: { name: 'operator-token', role: 'operator' as const }, renewal }
  const routes = dashboardRoutes({
    context: async () => context,
    session: async () => (signedIn ? session : null),
  })
  return new Hono().route('/', routes).request(HOST + path)
}

function bootIn(html: string): Boot {
  return JSON.parse(/<script type="application\/json" id="boot">(.*?)<\/script>/s.exec(html)?.[1] ?? 'null')
}

function entry(reason: string, at = '2026-11-21T12:00:00.000Z'): NonNullable<DashboardState['audit']>['items'][number] {
  return {
    position: '1-0',
    at,
    by: 'ada',
    action: 'advance-stage',
    collection: 'projects',
    reason,
    before: null,
    after: null,
  }
}
