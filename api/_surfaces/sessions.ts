import { type SessionAuthorizer, sessionAuthorizer } from '../../lib/http/session-authorizer.js'
import type { Wired } from '../../lib/wire.js'
import { tokensOf } from './data.js'

/** Who may steer: by token, or signed in at the dashboard. */
export function sessionsOf({ settings, clock }: Pick<Wired, 'settings' | 'clock'>): SessionAuthorizer {
  return sessionAuthorizer({ tokens: tokensOf(settings), publicUrl: settings.publicUrl, clock })
}
