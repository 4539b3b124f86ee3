import { Hono } from 'hono'
import type { Clock } from '../ports/clock.js'
import type { MetricsStore } from '../ports/metrics.js'
import type { Authorizer } from './authorize.js'
import { CONTROL_BASE } from './control.js'
import { PROMETHEUS_TYPE, prometheusText } from './prometheus-text.js'

export interface PrometheusParts {
  authorizer: Authorizer
  metrics: () => Promise<MetricsStore>
  clock: Pick<Clock, 'now'>
}

/** For a Prometheus that scrapes with a viewer's token. Two commands a scrape, however long all has been measured. */
export function prometheusRoutes({ authorizer, metrics, clock }: PrometheusParts): Hono {
  return new Hono().get(`${CONTROL_BASE}/metrics/prometheus`, async (c) => {
    await authorizer.authorizeRole(c.req.raw, 'viewer')
    const store = await metrics()
    const to = clock.now()
    const { measurements } = await store.totals()
    const recent = await store.read({ from: to - RECENT_MS, to, of: { operation: 'runtime' } })
    c.header('Cache-Control', 'no-store')
    c.header('Content-Type', PROMETHEUS_TYPE)
    return c.body(prometheusText({ totals: measurements, recent: recent.flatMap((bucket) => bucket.measurements) }))
  })
}

const RECENT_MS = 5 * 60_000
