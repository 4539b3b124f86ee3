import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject, type JsonObject } from '../../../lib/core/json.js'
import type { Address, RecordClient } from '../../../scripts/demo/clients/client.js'
import { httpClient } from '../../../scripts/demo/clients/http.js'
import { History, keyOf, type Violation } from '../../../scripts/demo/history.js'
import { COLLECTION_NAMES } from '../../../scripts/demo/manifests.js'

/** Clients that write and read all the time, and keep what they were told: a lost write and a stale read are seen. */
export interface Witnesses {
  /** Writes that were acknowledged. */
  acknowledged(): number
  /** Waits until as many more were acknowledged. */
  more(writes: number): Promise<void>
  /** Nobody writes for a moment, every record is read, and held against all that is known; they go on afterwards. */
  violations(): Promise<Violation[]>
  stop(): Promise<void>
}

const CLIENTS = 3
const PAUSE_MS = 20
/** Records of each collection that are written; the rest must stay what it was. */
const WRITTEN = 6
const LOOK_MS = 100
const WAIT_MS_MAX = 90_000
const STEPS_MAX = 100_000
const PAGE = 100

export async function startWitnesses(url: string): Promise<Witnesses> {
  const history = new History()
  const reader = httpClient(url, 'reader')
  const records = await allRecords(reader)
  for (const { at, value } of records) history.original(keyOf(at), value)
  const own = COLLECTION_NAMES.flatMap((name) =>
    records.filter(({ at }) => at.collection === name && !at.id.startsWith('visitor')).slice(0, WRITTEN),
  ).map(({ at }) => at)
  const known = records.map(({ at }) => at).filter(({ id }) => !id.startsWith('visitor'))
  let [over, held, busy, written] = [false, false, 0, 0]

  async function step(client: RecordClient, turn: number): Promise<void> {
    const at = own[(turn * 7 + client.name.length) % own.length]
    if (at === undefined) return
    if (turn % 3 !== 0) return look(client, at)
    const lastWrite = { by: client.name, number: turn }
    const pending = history.beginWrite(keyOf(at), `${client.name}#${turn}`, 'put')
    const answer = await client.patch(at, { lastWrite }, null)
    if (answer.kind === 'refused') history.refused(pending)
    if (answer.kind !== 'written') return
    history.acknowledged(pending, answer.version, answer.value)
    written += 1
  }
  async function look(client: RecordClient, at: Address): Promise<void> {
    const begun = history.begin()
    const answer = await client.get(at)
    if (answer.kind === 'found') history.found(keyOf(at), begun, answer.version, answer.value)
    if (answer.kind === 'absent') history.absent(keyOf(at), begun)
  }
  const working = Array.from({ length: CLIENTS }, async (_, number) => {
    const client = httpClient(url, `witness-${'i'.repeat(number + 1)}`)
    for (let turn = 0; turn < STEPS_MAX && !over; turn++) {
      busy += 1
      if (!held) await step(client, turn)
      busy -= 1
      await sleep(PAUSE_MS)
    }
  })
  return {
    acknowledged: () => written,
    async more(writes) {
      const goal = written + writes
      await until(() => written >= goal)
    },
    async violations() {
      held = true
      await until(() => busy === 0)
      for (const at of known) {
        const last = await reader.get(at)
        if (last.kind === 'failed') throw new Error(`A record could not be read at the end: ${last.what}.`)
        history.settle(keyOf(at), last.kind === 'found' ? last : null)
      }
      held = false
      return history.violations
    },
    async stop() {
      over = true
      await Promise.all(working)
    },
  }
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + WAIT_MS_MAX
  while (!holds()) {
    if (performance.now() > end) throw new Error('The clients did not get that far in time.')
    await sleep(LOOK_MS)
  }
}

async function allRecords(reader: RecordClient): Promise<{ at: Address; value: JsonObject }[]> {
  const found: { at: Address; value: JsonObject }[] = []
  for (const collection of COLLECTION_NAMES) {
    let cursor: string | null = null
    do {
      const page = await reader.list(collection, PAGE, cursor)
      if (page.kind !== 'page') throw new Error(`The records of ${collection} could not be listed.`)
      found.push(...page.items.map(({ id, value }) => ({ at: { collection, id }, value })))
      cursor = page.next
    } while (cursor !== null)
  }
  return found.filter(({ value }) => isJsonObject(value))
}
