import { setTimeout as sleep } from 'node:timers/promises'
import type { Act, Change, Only, State } from '../simulation/linearizable.js'
import type { Address, Write } from './clients/client.js'
import { attempt, learn, type User } from './traffic.js'

export interface Intended {
  name: string
  write: Write
  /** What it does to the record's state, and what must be there. */
  change: Change
  only: Only | null
  /** Its Idempotency-Key: it may then be sent several times. */
  key: string | null
}

/**
 * One write, with its repetitions under the same key if it has one: to the history they are one operation, which began
 * with the first attempt that may have had an effect, and ended with the first acknowledgement.
 */
export async function writeOnce(user: User, at: Address, intended: Intended): Promise<void> {
  const { recorder, random, client } = user
  const { name, write, change, only, key } = intended
  const act = { do: 'write' as const, change, condition: only }
  const add = (entry: string, began: number, ended: number | null, what: Act): void =>
    recorder.add(at.collection, at.id, { name: entry, began, ended, act: what })
  let began: number | null = null
  let etag: string | null = null
  let done: { ended: number; result: State | undefined } | null = null
  const attempts = key === null ? 1 : random.below(ATTEMPTS_MAX + 1, 1)
  for (let turn = 0; turn < attempts; turn++) {
    if (turn > 0) await sleep(random.below(AGAIN_MS_MAX))
    const moment = recorder.tick()
    const told = await attempt(user, write.kind, () => client.write(at, write, key))
    const ended = recorder.tick()
    if (told.kind === 'answered') {
      const { value } = told.told
      if (etag !== null && told.told.etag !== null && etag !== told.told.etag)
        recorder.violation(`${name} was acknowledged as ${etag} and again as ${told.told.etag}.`)
      etag ??= told.told.etag
      began ??= moment
      done ??= { ended, result: value }
      if (typeof value === 'string' && told.told.etag !== null) learn(user, at, told.told.etag, value)
      if (random.chance(0.7)) break
    } else if (told.kind === 'refused') {
      if (done !== null) recorder.violation(`${name} was refused after it had been acknowledged.`)
      else add(name, moment, ended, { ...act, outcome: 'refused' })
      // An earlier attempt may yet be made by a process that sleeps; but it has had no effect until now.
      if (done === null && began !== null) add(`${name}'`, moment, null, { ...act, outcome: null })
      if (done === null) return
      break
    } else if (told.kind !== 'failed') began ??= moment
  }
  if (began === null) return // every attempt failed for certain
  const result = done?.result === undefined ? {} : { result: done.result }
  add(name, began, done?.ended ?? null, { ...act, outcome: done === null ? null : 'done', ...result })
}

const ATTEMPTS_MAX = 4
const AGAIN_MS_MAX = 1_000
