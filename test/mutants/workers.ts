import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { bundle } from './bundle.js'
import type { HuntAnswer, HuntJob } from './hunt-worker.js'

/** A fixed number of threads; each plays one job at a time. */
export interface Workers {
  run(job: HuntJob): Promise<HuntAnswer>
  close(): Promise<void>
}

/** Longest time of one job without an answer: a mutant may well run in a circle. */
const JOB_MS_MAX = 1_200_000

export async function openWorkers(folder: string, count: number): Promise<Workers> {
  const script = join(folder, 'hunt-worker.mjs')
  await bundle('test/mutants/hunt-worker.ts', [], script)
  const idle: Worker[] = []
  const waiting: ((worker: Worker) => void)[] = []
  const free = (worker: Worker): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(worker)
    else next(worker)
  }
  for (let at = 0; at < count; at++) idle.push(new Worker(script))
  return {
    async run(job) {
      const worker = idle.pop() ?? (await new Promise<Worker>((resolve) => waiting.push(resolve)))
      try {
        const answer = await answerOf(worker, job)
        free(worker)
        return answer
      } catch (error) {
        await worker.terminate()
        free(new Worker(script))
        throw error
      }
    },
    async close() {
      await Promise.all(idle.map((worker) => worker.terminate()))
    },
  }
}

function answerOf(worker: Worker, job: HuntJob): Promise<HuntAnswer> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      worker.off('message', onMessage)
      worker.off('error', onError)
      settle()
    }
    const onMessage = (answer: HuntAnswer): void => end(() => resolve(answer))
    const onError = (error: unknown): void => end(() => reject(error))
    const timer = setTimeout(() => onError(new Error('A history does not end.')), JOB_MS_MAX)
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.postMessage(job)
  })
}
