import { faultSettingsSchema } from '../faults.js'
import { Refusal } from '../refusal.js'
import { type Call, json, type Reply, type Route } from '../route.js'
import { readStats } from '../stats.js'

/** What the cloud does not have: faults on demand, and counts. */
export const adminRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/__admin\/faults$/, handle: ({ office }) => json(office.faults.current) },
  { method: 'POST', pattern: /^\/__admin\/faults$/, handle: setFaults },
  { method: 'DELETE', pattern: /^\/__admin\/faults$/, handle: clearFaults },
  { method: 'GET', pattern: /^\/__admin\/stats$/, handle: ({ office }) => json(readStats(office)) },
]

function setFaults({ office, body }: Call): Reply {
  const parsed = faultSettingsSchema.safeParse(parseJson(body))
  if (!parsed.success) throw new Refusal(400, `invalid faults: ${parsed.error.issues[0]?.message ?? ''}`)
  office.faults.set(parsed.data)
  return json(office.faults.current)
}

function clearFaults({ office }: Call): Reply {
  office.faults.clear()
  return { kind: 'empty' }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new Refusal(400, 'invalid faults: JSON is expected')
  }
}
