import { type Browser, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import type { Role } from '../../../lib/commands/command.js'
import type { Stage } from '../../../lib/core/stage.js'
import { raiseAlert } from '../../../lib/engine/alerts/raise.js'
import { assetsPart } from '../../../scripts/stack/files.js'
import { findOnPath } from '../../../scripts/stack/redis/backends/redis-process.js'
import { reachStage } from '../../scenario/reach-stage.js'
import { type RunningApp, runApp } from '../../scenario/running-app.js'
import { type Cable, startCable } from './cable.js'
import { startTraffic, type Traffic } from './traffic.js'
import { type VisitOptions, type Visitor, visit } from './visitor.js'

/**
 * Tests in a real browser, over the whole application. Each file has one application and one Chromium; whatever was
 * opened is closed after each test, which fails if anything went wrong in the page meanwhile.
 */
export function describeInBrowser(title: string, tests: (dashboard: () => Dashboard) => void, options: Options = {}) {
  if (chromiumPath === null) {
    describe(title, () => {
      it.skip('in a browser (skipped: there is no Chromium on PATH, and CUTOVER_CHROMIUM names none)', () => {})
    })
    return
  }
  describe(title, { timeout: 60_000 }, () => {
    let dashboard: Dashboard
    beforeAll(async () => {
      dashboard = await startDashboard(options)
    }, 60_000)
    afterEach(() => dashboard.leaveAll())
    afterAll(() => dashboard.close())
    tests(() => dashboard)
  })
}

interface Options {
  /** Of each of the two collections. */
  records?: number
  env?: { [name: string]: string }
}

export interface Dashboard {
  app: RunningApp
  /** What the browser's requests go through; its `url` is the page's. */
  cable: Cable
  /** A window on the page, signed in. */
  open(role: Role, options?: VisitOptions): Promise<Visitor>
  /** A window that shows nothing yet, of somebody who is not signed in. */
  stranger(options?: VisitOptions): Promise<Visitor>
  /** An operator who does not use the page: the control plane's answer, as JSON. */
  operate<Answer = { [member: string]: unknown }>(method: string, path: string, body?: object): Promise<Answer>
  /** Every collection, with the passes that the way needs. */
  reach(stage: Stage): Promise<void>
  /** An alert that stays until somebody resolves it. */
  raise(severity: 'info' | 'warning' | 'critical', message: string): Promise<void>
  /** The cron, once. */
  tick(): Promise<void>
  /** Clients that read and write, until the test ends or `stop`. */
  traffic(): Traffic
  leaveAll(): Promise<void>
  close(): Promise<void>
}

export const TOKENS: { readonly [role in Role]: string } = {
  viewer: 'viewer-token-of-these-tests',
  operator: 'operator-token-of-these-tests',
  admin: 'admin-token-of-these-tests',
}

const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome']
/** `null`: there is none, and tests that need it are skipped. */
export const chromiumPath =
  process.env.CUTOVER_CHROMIUM || CHROMIUMS.map(findOnPath).find((path): path is string => path !== null) || null

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath ?? '', args: ['--disable-dev-shm-usage'] })
}

async function startDashboard({ records = 60, env = {} }: Options): Promise<Dashboard> {
  const app = await runApp(documentsOf(records), { ...ENVIRONMENT, ...env }, { files: assetsPart() }, 'auto')
  const cable = await startCable(app.url)
  const browser = await launchChromium()
  const open: { leave(): Promise<void> }[] = []
  async function stranger(options: VisitOptions = {}): Promise<Visitor> {
    const visitor = await visit(browser, cable.url, options)
    open.push(visitor)
    return visitor
  }
  return {
    app,
    cable,
    stranger,
    async open(role, options) {
      const visitor = await stranger(options)
      await signIn(visitor, cable.url, role)
      await visitor.page.goto(cable.url)
      return visitor
    },
    operate: (method, path, body) => operate(app.url, method, path, body),
    reach: (stage) => reachStage(app.wired, stage),
    async raise(severity, message) {
      const context = await app.wired.control()
      await raiseAlert(context, { about: message, severity, kind: 'breach', component: 'projects', message })
    },
    async tick() {
      await fetch(`${app.url}/api/cron/tick`, { headers: { authorization: `Bearer ${ENVIRONMENT.CRON_SECRET}` } })
    },
    traffic() {
      const traffic = startTraffic(app.url, records)
      open.push({ leave: traffic.stop })
      return traffic
    },
    async leaveAll() {
      const left = await Promise.allSettled(open.splice(0).map((one) => one.leave()))
      for (const one of left) if (one.status === 'rejected') throw one.reason
    },
    close: () => closeAll(app, cable, browser),
  }
}

const ENVIRONMENT = {
  CUTOVER_VIEWER_TOKEN: TOKENS.viewer,
  CUTOVER_OPERATOR_TOKEN: TOKENS.operator,
  CUTOVER_ADMIN_TOKEN: TOKENS.admin,
  CRON_SECRET: 'cron-secret-of-these-tests',
  CUTOVER_METER_FLUSH_MS: '100',
  CUTOVER_METRICS_BUCKET_MS: '1000',
}

function documentsOf(records: number): { [name: string]: string } {
  const of = (name: string): string => {
    const all = Array.from({ length: records }, (_, n) => [`r${n}`, { name: `${name} ${n}`, projectId: 'r1', n: 0 }])
    return JSON.stringify(Object.fromEntries(all))
  }
  return { 'projects.json': of('projects'), 'resources.json': of('resources') }
}

async function signIn({ context }: Visitor, url: string, role: Role): Promise<void> {
  const data = { token: TOKENS[role], name: `test ${role}` }
  const response = await context.request.post(`${url}/api/session`, { data, headers: { origin: url } })
  if (!response.ok()) throw new Error(`Signing in as ${role} answers ${response.status()}.`)
}

async function operate<Answer>(url: string, method: string, path: string, body?: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${TOKENS.admin}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(`${url}/api/migration${path}`, { method, headers, ...sent })
  return (await response.json()) as Answer
}

async function closeAll(app: RunningApp, cable: Cable, browser: Browser): Promise<void> {
  await browser.close()
  await cable.close()
  await app.close()
}
