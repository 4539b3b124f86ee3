import { setTimeout as sleep } from 'node:timers/promises'
import type { Served } from '../../../../lib/core/data-plane.js'
import type { Stage } from '../../../../lib/core/stage.js'
import type { Wired } from '../../../../lib/wire.js'
import { COLLECTION, idOf, recordOf } from '../../parts/deployment.js'
import { RECORDS, type Running } from './running.js'

export interface Obedience {
  answers: number
  /** Answers under the stage of before, to operations that began when the verb had returned. */
  disobeyed: number
  /** Latest answer under the stage of before to an operation that was under way then, in ms after the verb returned. */
  lastMs: number
}

interface Answer {
  began: number
  ended: number
  stage: Stage
}

interface Change {
  to: Stage
  returned: number
}

/** Instances with snapshots of their own read and write while the stage goes to and fro; each answer tells its stage. */
export async function obedience(running: Running, instances: readonly Wired[], changes: number): Promise<Obedience> {
  const answers: Answer[] = []
  const stop = new AbortController()
  const traffic = instances.map((wired, number) => busy(wired, number, answers, stop.signal))
  const made: Change[] = []
  for (let change = 0; change < changes; change++) {
    const to = change % 2 === 0 ? 'shadow' : 'live'
    await running.change(to)
    made.push({ to, returned: performance.now() })
    await sleep(BETWEEN_MS)
  }
  stop.abort()
  await Promise.all(traffic)
  return judge(made, answers)
}

/** Long enough for every instance to ask several times. */
const BETWEEN_MS = 60

function judge(made: readonly Change[], answers: readonly Answer[]): Obedience {
  let [disobeyed, lastMs] = [0, 0]
  for (const [number, { to, returned }] of made.entries()) {
    // When the next change began is not known to the instances: what it has changed already does not count.
    const until = returned + BETWEEN_MS
    const next = made[number + 1]?.returned ?? Number.POSITIVE_INFINITY
    for (const { began, ended, stage } of answers) {
      if (stage === to || ended < returned || ended > Math.min(until, next)) continue
      if (began >= returned) disobeyed++
      else lastMs = Math.max(lastMs, ended - returned)
    }
  }
  return { answers: answers.length, disobeyed, lastMs }
}

async function busy({ dataPlane }: Wired, number: number, answers: Answer[], signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    const id = idOf((number * 67 + turn * 7) % RECORDS)
    const operation = { op: `busy-${number}-${turn}`, startedAt: Date.now(), named: false }
    const value = { ...recordOf(turn, 200), id }
    const began = performance.now()
    const asked: Promise<Served> =
      turn % 4 === 3
        ? dataPlane.write(COLLECTION, id, operation, { kind: 'put', value })
        : dataPlane.get(COLLECTION, id)
    const { stage } = await asked
    answers.push({ began, ended: performance.now(), stage })
    await sleep(1)
  }
}
