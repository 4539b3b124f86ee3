import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject, type Json } from '../../lib/core/json.js'
import type { RecordClient } from './clients/client.js'
import { mismatchesOf } from './course.js'
import type { Deployment } from './deployment.js'
import type { History } from './history.js'
import { COLLECTION_NAMES } from './manifests.js'
import type { EndedRun, Operator } from './operator.js'
import type { Progress } from './progress.js'
import { differing, readExports, scanKeys, settleAll, sweep, valuesOf } from './proof.js'
import type { Report } from './report.js'

export interface FinishParts {
  deployment: Deployment
  history: History
  control: Operator
  progress: Progress
  stopCron: () => void
  client: RecordClient
  /** Leaves out what ends the migration for good, so that there is something to look at and to steer. */
  keep: boolean
}

export interface Finished {
  mismatches: number
  /** `null`: nothing was cleaned up. */
  foreignKeys: string[] | null
  zeroLoss: Report['zeroLoss']
  faults: string[]
}

const QUIET_MS = 500
/** Counts of traffic are written this long after the traffic at the latest. */
const LAST_COUNTS_MS = 1_500

/** When traffic has ended: compares everything, cleans up, and compares everything again. */
export async function finish(parts: FinishParts): Promise<Finished> {
  const { history, control, progress, client, deployment, keep } = parts
  const swept = await sweep(client)
  settleAll(history, swept)
  progress.say(`sweep: ${swept.size} records compared with what the clients know`)
  const validated = await control.run('validate')
  const checked = await control.run('zero-loss')
  progress.say(`validation: ${mismatchesOf(validated)} mismatches; zero-loss check ended`)

  const truth = valuesOf(swept)
  const plain = keep ? [] : await cleanUp(parts, truth)
  const exported: { [collection: string]: string[] } = {}
  for (const [at, collection] of COLLECTION_NAMES.entries()) {
    const body = { shape: at === 0 ? 'map' : 'array', documents: 2, reason: 'demo' }
    exported[collection] = documentsOf(await control.call('POST', `/collections/${collection}/export`, body))
  }
  const documents = differing(truth, await readExports(deployment.documents, exported))
  progress.say(`export: ${documents.length} of ${truth.size} records differ in it`)

  const { foreignKeys, missing } = keep ? KEPT : await closeDown(parts, truth)
  return {
    mismatches: mismatchesOf(validated) + plain.length + documents.length + missing.length,
    foreignKeys,
    zeroLoss: checked.map(zeroLossOf),
    faults: [
      ...plain.map((key) => `differs after the clean-up: ${key}`),
      ...documents.map((key) => `differs in the export: ${key}`),
      ...(foreignKeys ?? []).map((key) => `not the application's, in Redis: ${key}`),
      ...missing.map((key) => `has no key in Redis: ${key}`),
    ],
  }
}

async function cleanUp({ control, progress, client }: FinishParts, truth: Truth): Promise<string[]> {
  await control.run('clean-up', { quietMs: QUIET_MS })
  const plain = differing(truth, valuesOf(await sweep(client)))
  progress.say(`clean-up: ${plain.length} of ${truth.size} records differ after it`)
  return plain
}

/** What is left in Redis when the control plane has gone, too. */
async function closeDown({ control, progress, stopCron, deployment }: FinishParts, truth: Truth) {
  stopCron()
  await sleep(LAST_COUNTS_MS)
  await control.call('POST', '/close-ledger', {})
  const keys = await scanKeys(deployment.redis)
  const foreignKeys = [...keys].filter((key) => !/^(projects|resources)(:|$)/.test(key))
  const missing = [...truth.keys()].filter((key) => !keys.has(key.replace('/', ':')))
  progress.say(`Redis: ${keys.size} keys, ${foreignKeys.length} of them not the application's`)
  return { foreignKeys, missing }
}

type Truth = ReturnType<typeof valuesOf>

const KEPT = { foreignKeys: null, missing: [] }

function documentsOf(answer: Json): string[] {
  const documents = isJsonObject(answer) ? answer.documents : null
  return Array.isArray(documents) ? documents.map(String) : []
}

function zeroLossOf({ collection, result }: EndedRun): Report['zeroLoss'][number] {
  const found = isJsonObject(result.zeroLoss ?? null) ? result.zeroLoss : {}
  const { proved, because } = isJsonObject(found ?? null) ? (found as { [name: string]: Json }) : {}
  return { collection, proved: proved === true, because: Array.isArray(because) ? because.map(String) : [] }
}
