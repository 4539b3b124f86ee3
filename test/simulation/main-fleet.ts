import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Options } from './main-options.js'
import type { Errand, Played } from './main-worker.js'
import { addTo, noTotals, type Totals } from './report.js'

export type Many = Extract<Options, { kind: 'many' }>

/**
 * Plays the seeds over processes, a few at a time, until the last, the end of the time, or the first that fails.
 * Rejects if a process dies or falls silent: then the simulation itself is at fault.
 */
export async function playMany(options: Many, told: (totals: Totals) => void): Promise<Result> {
  const { from, seeds, workers, minutes, target } = options
  const totals = noTotals()
  const until = minutes === null ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000
  const end = from + seeds
  let next = from
  let failed: number | null = null
  const take = (): number[] => {
    if (failed !== null || performance.now() >= until) return []
    const few = Array.from({ length: Math.min(BATCH, end - next) }, (_, at) => next + at)
    next += few.length
    return few
  }
  const one = (child: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      let doing: readonly number[] = []
      const quiet = setTimeout(() => {
        reject(
          new Error(`A process has said nothing for ${QUIET_MS / 1_000} s while it played seeds ${doing.join(', ')}.`),
        )
      }, QUIET_MS)
      child.once('exit', () => clearTimeout(quiet))
      child.on('message', (message: Played | 'idle') => {
        quiet.refresh()
        if (message === 'idle') {
          doing = take()
          if (doing.length === 0) return resolve()
          return void child.send({ seeds: doing, target } satisfies Errand)
        }
        if (failed !== null) return resolve()
        addTo(totals, message)
        told(totals)
        if (message.failed) {
          failed = message.seed
          resolve()
        }
      })
      child.once('exit', (code, signal) => {
        reject(new Error(`A process died (${signal ?? code}) while it played seeds ${doing.join(', ')}.`))
      })
    })
  const children = Array.from({ length: Math.min(workers, seeds) }, startChild)
  try {
    await Promise.all(children.map(one))
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
  return { totals, failed, workers: children.length }
}

export interface Result {
  totals: Totals
  /** The seed that failed first. */
  failed: number | null
  workers: number
}

/** Longest time for one history: longer, and it is taken for one that never ends. */
const QUIET_MS = 180_000

/** Seeds that a process is given at once. */
const BATCH = 4

/** The program itself, which sees that it has a parent; with the loader for TypeScript. */
function startChild(): ChildProcess {
  const program = fileURLToPath(new URL('main.ts', import.meta.url))
  return fork(program, {
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}
