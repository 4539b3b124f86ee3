import { setTimeout as sleep } from 'node:timers/promises'
import { httpClient } from './clients/http.js'
import { COLLECTION_NAMES } from './manifests.js'

/** A little traffic until the process ends, so that there is something to watch while one steers. */
export async function linger(url: string): Promise<never> {
  const client = httpClient(url, 'visitor')
  for (let turn = 0; ; turn++) {
    const collection = COLLECTION_NAMES[turn % COLLECTION_NAMES.length] ?? 'projects'
    const at = { collection, id: `visitor-${turn % VISITORS}` }
    await (turn % 4 < 2 ? client.replace(at, { id: at.id, name: `visit ${turn}` }, null) : client.get(at))
    await sleep(PAUSE_MS)
  }
}

const VISITORS = 5
const PAUSE_MS = 100
