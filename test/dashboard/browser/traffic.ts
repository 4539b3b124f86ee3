/** Clients of the application, as they would be: one writes for every three that read. */
export interface Traffic {
  /** Requests that were answered. */
  count(): number
  stop(): Promise<void>
}

const CLIENTS = 4
/** Between two requests of a client. */
const PAUSE_MS = 15
const REQUESTS_MAX = 100_000

export function startTraffic(url: string, records: number): Traffic {
  let over = false
  let count = 0
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let turn = 0; turn < REQUESTS_MAX && !over; turn++) {
      const path = `/api/v1/${turn % 2 === 0 ? 'projects' : 'resources'}/r${(turn * 7 + client) % records}`
      const response = await fetch(url + path, client === 0 ? written(turn) : {}).catch(() => null)
      await response?.text().catch(() => '')
      count += 1
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  })
  return {
    count: () => count,
    async stop() {
      over = true
      await Promise.all(clients)
    },
  }
}

function written(n: number): RequestInit {
  const headers = { 'content-type': 'application/merge-patch+json' }
  return { method: 'PATCH', headers, body: JSON.stringify({ n }) }
}
