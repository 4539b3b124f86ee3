import { pathToFileURL } from 'node:url'
import { parentPort } from 'node:worker_threads'
import type * as Model from '../model/search.js'
import type * as Quarry from './quarry.js'

/**
 * Plays seeds of one profile on a bundle until one fails there and passes on the bundle of the production code as it
 * is. A seed that fails on both says nothing of the mutant, and is reported.
 */
export interface HistoriesJob {
  kind: 'histories'
  bundle: string
  control: string
  profile: keyof typeof Quarry.PROFILES
  seeds: readonly number[]
}

/** Searches the model's chains, `first` before the others; that all are in order as the code is, the model's tests say. */
export interface ModelJob {
  kind: 'model'
  bundle: string
  first?: string
}

export type HuntJob = HistoriesJob | ModelJob

export type HuntAnswer =
  /** `seed`: of the history, or the chain's name. */
  | { kind: 'caught'; seed: number | string; operations: number; fault: string }
  | { kind: 'survived'; played: number }
  /** The code as it is fails too. */
  | { kind: 'control-failed'; seed: number; fault: string }

type Played = { operations: number; faults: readonly string[] }

async function hunt(job: HistoriesJob): Promise<HuntAnswer> {
  const { profile, seeds } = job
  const quarry = await load<typeof Quarry>(job.bundle)
  for (const seed of seeds) {
    const { operations, faults } = await played(quarry, profile, seed)
    const [fault] = faults
    if (fault === undefined) continue
    const [wrong] = (await played(await load<typeof Quarry>(job.control), profile, seed)).faults
    if (wrong !== undefined) return { kind: 'control-failed', seed, fault: wrong }
    return { kind: 'caught', seed, operations, fault }
  }
  return { kind: 'survived', played: seeds.length }
}

async function played(quarry: typeof Quarry, profile: HistoriesJob['profile'], seed: number): Promise<Played> {
  try {
    return await quarry.play(quarry.PROFILES[profile](seed), false)
  } catch (error) {
    return {
      operations: 0,
      faults: [`The history broke off: ${error instanceof Error ? error.message : String(error)}`],
    }
  }
}

async function searchModel({ bundle, first }: ModelJob): Promise<HuntAnswer> {
  const found = await (await load<typeof Model>(bundle)).hunt(first)
  if (found === null || found.fault === null) return { kind: 'survived', played: 0 }
  const { text, steps } = found.fault
  return { kind: 'caught', seed: found.chain, operations: steps.length, fault: text }
}

async function load<Entry>(bundle: string): Promise<Entry> {
  return (await import(pathToFileURL(bundle).href)) as Entry
}

parentPort?.on('message', (job: HuntJob) => {
  const work = job.kind === 'model' ? searchModel(job) : hunt(job)
  work.then(
    (answer) => parentPort?.postMessage(answer),
    (error: unknown) => {
      throw error
    },
  )
})
