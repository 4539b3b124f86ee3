import type { StateEntry } from './state/kinds.js'

/** Something that somebody must look at: what it is about, how grave it is, and what became of it. */
export interface Alert {
  /** Sorts by time, the newest first. */
  id: string
  /** What it is about: of all alerts about one thing at most one is unresolved. */
  about: string
  /** Wall-clock milliseconds at which it was raised. */
  at: number
  lastSeenAt: number
  /** How often it was found, sightings within a minute of each other counted as one. */
  count: number
  severity: AlertSeverity
  kind: AlertKind
  component: string | null
  /** A sentence. Never a payload of a record. */
  message: string
  status: AlertStatus
  acknowledgedBy: string | null
  /** It is escalated where nobody has acknowledged it this long after it was raised; `null`: never by itself. */
  escalateAfterMs: number | null
  /** The decision that raised it. */
  decision: string | null
  history: AlertMove[]
  /** Messages about it that the webhook never took. */
  undelivered: number
}

export type AlertKind =
  | 'target-lost-data'
  | 'store-unreachable'
  | 'breach'
  | 'rolled-back'
  | 'rollback-failed'
  | 'emergency-stop'
  | 'run-failed'
  | 'quota-pause'
  | 'integrity-violation'
  | 'plan-turned-back'
  | 'plan-failed'
  | 'program-failed'
  | 'checkpoint-failed'
  | 'backup-failed'
  | 'override'

export const ALERT_SEVERITIES = ['critical', 'warning', 'info'] as const
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number]

export const ALERT_STATUSES = ['open', 'acknowledged', 'escalated', 'resolved'] as const
export type AlertStatus = (typeof ALERT_STATUSES)[number]

/** Who brought it where, when and why. */
export interface AlertMove {
  to: AlertStatus
  at: number
  by: string
  reason: string
}

/** What is known when an alert is raised. */
export interface AlertNews {
  about: string
  severity: AlertSeverity
  kind: AlertKind
  component: string | null
  message: string
  decision?: string
  /** Default: a quarter of an hour for a critical one, never for others. */
  escalateAfterMs?: number | null
  /** It happened once and cannot happen again: it is not raised anew after it was resolved. */
  once?: true
}

const ESCALATE_AFTER_MS = 15 * 60_000
/** Two sightings closer than this are one. */
const SIGHTING_MS = 60_000
const HISTORY_MAX = 50

export function newAlert(id: string, news: AlertNews, at: number, by: string): Alert {
  const { about, severity, kind, component, message, decision = null } = news
  const { escalateAfterMs = severity === 'critical' ? ESCALATE_AFTER_MS : null } = news
  return {
    id,
    about,
    at,
    lastSeenAt: at,
    count: 1,
    severity,
    kind,
    component,
    message,
    status: 'open',
    acknowledgedBy: null,
    escalateAfterMs,
    decision,
    history: [{ to: 'open', at, by, reason: message }],
    undelivered: 0,
  }
}

/** The same thing was found again; `null`: that tells nothing that is not known. */
export function seenAgain(alert: Alert, news: AlertNews, at: number): Alert | null {
  const graver = ALERT_SEVERITIES.indexOf(news.severity) < ALERT_SEVERITIES.indexOf(alert.severity)
  const decision = news.decision ?? alert.decision
  if (!graver && decision === alert.decision && at - alert.lastSeenAt < SIGHTING_MS) return null
  const seen = { ...alert, lastSeenAt: at, count: alert.count + 1, message: news.message, decision }
  return graver ? { ...seen, severity: news.severity } : seen
}

/** `null`: it stands there already, or is resolved. */
export function movedAlert(alert: Alert, move: AlertMove): Alert | null {
  if (alert.status === 'resolved' || alert.status === move.to) return null
  if (move.to === 'open') return null
  const history = [...alert.history, move].slice(-HISTORY_MAX)
  const acknowledgedBy = move.to === 'acknowledged' ? move.by : alert.acknowledgedBy
  return { ...alert, status: move.to, acknowledgedBy, history }
}

/** Nobody has said that they look after it. */
export function isUnattended({ status }: Alert): boolean {
  return status === 'open' || status === 'escalated'
}

export function mustEscalate(alert: Alert, now: number): boolean {
  return alert.status === 'open' && alert.escalateAfterMs !== null && now - alert.at >= alert.escalateAfterMs
}

/** What the journal keeps of a move. */
export function alertEvent(alert: Alert, { to, at, by, reason }: AlertMove): StateEntry {
  const { id, about, component, severity, kind } = alert
  return { at, component, alert: id, about, kind, severity, event: to === 'open' ? 'raised' : to, by, reason }
}

/** What the webhook is sent, in the envelope of Standard Webhooks. */
export interface AlertMessage {
  /** The same at every attempt: a receiver knows by it what it has had already. */
  id: string
  type: 'alert.raised' | 'alert.escalated' | 'alert.resolved'
  /** Wall-clock milliseconds. */
  at: number
  alert: Alert
}
