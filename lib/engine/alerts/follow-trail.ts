import { AUDIT_STREAM, type AuditEntry } from '../audit.js'
import { type AlertContext, writing } from './kept.js'
import { resolveAbout } from './move.js'
import { alertOfEntry } from './of-entry.js'
import { raiseAlert } from './raise.js'

/**
 * Raises alerts of what the audit trail has told since the last turn. Whatever commits an entry need not know of alerts,
 * and an instance that stops right after its commit takes no alert with it.
 *
 * An alert is raised before the place in the trail is kept: a crash between the two, or another instance that follows at
 * the same time, meets an alert that is known already. An entry is told within a turn, not at once.
 */
export async function followTrail(context: AlertContext): Promise<number> {
  const { ledger, clock } = context
  const held = await ledger.read(PLACE)
  let place = (held?.value as { position: string | null } | undefined)?.position ?? null
  const from = place
  // The newest alone tells whether there is anything to be read.
  const { items: newest } = await ledger.entries(AUDIT_STREAM, { before: null, newestFirst: true, limit: 1 })
  if ((newest[0]?.position ?? null) === place) return 0
  let raised = 0
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end } = await ledger.entries(AUDIT_STREAM, { after: place, limit: PAGE })
    for (const { position, value } of items) {
      place = position
      const entry = value as unknown as AuditEntry
      if (clock.now() - entry.at > TOLD_WITHIN_MS) continue
      const of = alertOfEntry(entry, position)
      if (of?.kind === 'raise') raised += (await raiseAlert(context, of.news)).kind === 'raised' ? 1 : 0
      if (of?.kind === 'resolve')
        await resolveAbout(context, of.about, { by: entry.by, reason: `${entry.action}: ${entry.reason}` })
    }
    if (end) break
  }
  if (place !== from) await ledger.commit([writing(PLACE, held?.revision ?? null, { position: place })])
  return raised
}

export const PLACE = 'alert-place/audit'
const PAGE = 200
const PAGES_MAX = 20
/** What is older was told, or nobody was there to be told. */
const TOLD_WITHIN_MS = 24 * 3_600_000
