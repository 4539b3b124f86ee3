import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Stage } from '../../../../lib/core/stage.js'
import { defineMigration } from '../../../../lib/define.js'
import { walkStages } from '../../../../lib/engine/stages/walk.js'
import { type Wired, wire } from '../../../../lib/wire.js'
import { reachStage } from '../../../scenario/reach-stage.js'
import { COLLECTION, idOf, recordOf } from '../../parts/deployment.js'
import { type BenchStack, openStack } from '../../parts/stack.js'

/** A collection spread over some documents, and as many instances over it as are asked for. */
export interface Running {
  stack: BenchStack
  operator: Wired
  instance(env?: { [name: string]: string }): Promise<Wired>
  /** The operator's verb, between the two stages that read from different stores: advance, or roll back. */
  change(to: 'live' | 'shadow'): Promise<void>
  close(): Promise<void>
}

export const RECORDS = 60

export async function openRunning(documents: number, stage: Stage): Promise<Running> {
  const stack = await openStack()
  const dir = join(stack.dir, `documents-${documents}`)
  await mkdir(dir)
  const schema = z.looseObject({ id: z.string() })
  const migration = defineMigration({ collections: [{ name: COLLECTION, singular: 'project', schema, documents }] })
  const places = { CUTOVER_SOURCE_DIR: dir, CUTOVER_PUBLIC_URL: 'http://127.0.0.1:9', CUTOVER_LOG: 'silent' }
  const opened: Wired[] = []
  const instance = async (env: { [name: string]: string } = {}): Promise<Wired> => {
    const wired = await wire({ ...stack.env, ...places, CUTOVER_COMPARE_SHARE: '0', ...env }, migration)
    opened.push(wired)
    return wired
  }
  const operator = await instance()
  for (let number = 0; number < RECORDS; number++) {
    const operation = { op: `seed-${number}`, startedAt: Date.now(), named: false }
    await operator.dataPlane.write(COLLECTION, idOf(number), operation, { kind: 'put', value: recordOf(number, 200) })
  }
  await reachStage(operator, stage)
  return {
    stack,
    operator,
    instance,
    async change(to) {
      const direction = to === 'live' ? ('up' as const) : ('down' as const)
      const request = {
        collection: COLLECTION,
        direction,
        to,
        action: direction === 'up' ? 'advance-stage' : 'roll-back',
      }
      const walked = await walkStages(await operator.control(), request, { by: 'bench', reason: 'a stage change' })
      if (walked.kind === 'refused') throw new Error(`The change to ${to} was refused: ${walked.reason}.`)
    },
    async close() {
      for (const wired of opened) await wired.drained()
      await stack.close()
    },
  }
}
