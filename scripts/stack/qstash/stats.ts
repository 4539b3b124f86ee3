import type { Office, QstashStats } from './office.js'

export function readStats(office: Office): QstashStats {
  return { ...office.stats, pending: office.state.messages.size, inFlight: office.inFlight.size }
}
