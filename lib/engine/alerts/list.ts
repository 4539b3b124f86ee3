import { type Alert, type AlertSeverity, type AlertStatus, isUnattended } from '../../core/alert.js'
import type { Ledger } from '../../ports/ledger.js'
import { CLOSED, OPEN } from './kept.js'

export interface AlertQuery {
  severity?: AlertSeverity | undefined
  /** `unresolved`: whatever somebody may still have to do something about. */
  status?: AlertStatus | 'unresolved' | undefined
  component?: string | undefined
  /** The last id of the page before. */
  cursor?: string | undefined
  limit: number
}

export const PAGE = 100
const PAGES_MAX = 20

/**
 * Newest first, by when they were raised. Unresolved and resolved ones are kept apart, each in this order: a page of
 * both is merged, and a filter looks through a bounded part at a time; `next` says where to go on.
 */
export async function listAlerts(
  { ledger }: { ledger: Ledger },
  query: AlertQuery,
): Promise<{ items: Alert[]; next: string | null }> {
  const items: Alert[] = []
  let cursor = query.cursor ?? null
  for (let page = 0; page < PAGES_MAX; page++) {
    const { found, end } = await pageOf(ledger, query.status, cursor)
    for (const alert of found) {
      cursor = alert.id
      if (!isAsked(alert, query)) continue
      items.push(alert)
      if (items.length === query.limit) return { items, next: alert.id }
    }
    if (end) return { items, next: null }
  }
  return { items, next: cursor }
}

/** What somebody should look after and nobody does, newest first, at most `limit`. */
export async function unattendedAlerts({ ledger }: { ledger: Ledger }, limit: number): Promise<Alert[]> {
  const items: Alert[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX && items.length < limit; page++) {
    const { found, end } = await pageOf(ledger, 'open', after)
    items.push(...found.filter(isTrouble))
    after = found.at(-1)?.id ?? null
    if (end || after === null) break
  }
  return items.slice(0, limit)
}

/**
 * How many unattended alerts speak against going on with a component. What became of a plan, a run or a rollback is
 * known to whoever begins another, and would hold up the next attempt for good.
 */
export async function alertsAgainst(context: { ledger: Ledger }, name: string): Promise<number> {
  const alerts = await unattendedAlerts(context, LOOKED_THROUGH)
  return alerts.filter(({ component, kind }) => (component === null || component === name) && !PAST.has(kind)).length
}

const LOOKED_THROUGH = 200
const PAST: ReadonlySet<Alert['kind']> = new Set([
  'plan-turned-back',
  'plan-failed',
  'program-failed',
  'run-failed',
  'rollback-failed',
])

async function pageOf(
  ledger: Ledger,
  status: AlertQuery['status'],
  cursor: string | null,
): Promise<{ found: Alert[]; end: boolean }> {
  const prefixes = status === undefined ? [OPEN, CLOSED] : [status === 'resolved' ? CLOSED : OPEN]
  const pages: Awaited<ReturnType<Ledger['list']>>[] = []
  // One after the other: what is resolved meanwhile is found twice, never missed.
  for (const prefix of prefixes) pages.push(await ledger.list(prefix, cursor === null ? null : prefix + cursor, PAGE))
  // What lies beyond the end of a page that has more is not known, and is left for the next.
  const ends = pages.flatMap(({ items, end }) => (end ? [] : [alertOf(items.at(-1)).id]))
  const known = ends.sort()[0] ?? null
  const all = new Map(pages.flatMap(({ items }) => items.map(alertOf)).map((alert) => [alert.id, alert]))
  const found = [...all.values()].filter(({ id }) => known === null || id <= known)
  return { found: found.sort((a, b) => (a.id < b.id ? -1 : 1)), end: ends.length === 0 }
}

function alertOf(held: { value: unknown } | undefined): Alert {
  return held?.value as Alert
}

/** Nobody looks after it, and somebody should: what is told for information alone counts for nothing. */
export function isTrouble(alert: Alert): boolean {
  return isUnattended(alert) && alert.severity !== 'info'
}

function isAsked(alert: Alert, { severity, status, component }: AlertQuery): boolean {
  return (
    (severity === undefined || alert.severity === severity) &&
    (status === undefined || status === 'unresolved' || alert.status === status) &&
    (component === undefined || alert.component === component)
  )
}
