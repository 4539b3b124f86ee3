import { type ChildProcess, fork } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Stage } from '../../../lib/core/stage.js'
import { type Bulk, moveUp, runToEnd, wireBulk, writeBulk } from '../parts/bulk.js'
import { median, percentile } from '../parts/sample.js'
import type { Order, Report } from '../parts/slowdown-process.js'
import { type BenchStack, openStack } from '../parts/stack.js'
import type { Figure, Measured, Row, Setting } from '../row.js'

const SIZES = {
  full: { records: 20_000, documents: 64, windowMs: 1_500, rounds: 6, unthrottled: 3, readsPerSecond: 200 },
  small: { records: 1_000, documents: 2, windowMs: 300, rounds: 2, unthrottled: 1, readsPerSecond: 100 },
}
const BYTES = 300
const WRITES_PER_SECOND = 10
const SLOWDOWN_MAX = 1.05
const STAGES = ['shadow', 'live'] as const
/** The application, the worker, the gateway and Redis: with a core for each, and some for the machine, none is missing. */
const CORES_TO_SPARE = 6

export const row: Row = {
  number: 9,
  work: 'application slowdown while back-fill and validation run at full rate, throttling on',
  against: 'the application itself while nothing else runs',
  goal: '< 5 % at p50 and p99 on a machine with cores to spare; held by throttling on 2 cores',
  async run(setting) {
    const stack = await openStack()
    const children: Child[] = []
    try {
      return await measure(stack, setting, children)
    } finally {
      for (const child of children) child.stop()
      await stack.close()
    }
  },
}

async function measure(stack: BenchStack, setting: Setting, children: Child[]): Promise<Measured> {
  const size = SIZES[setting.size]
  const figures: Figure[] = []
  const notes: string[] = []
  const bulk: Bulk = {
    dir: join(stack.dir, 'documents'),
    records: size.records,
    documents: size.documents,
    bytes: BYTES,
  }
  await writeBulk(bulk)
  const { context } = await wireBulk(bulk, stack.env, 'slowdown:')
  const [application, worker] = [startChild(), startChild()]
  children.push(application, worker)
  const open = { kind: 'open', bulk, env: stack.env, prefix: 'slowdown:', seed: setting.seed } as const
  await Promise.all([application.obey(open), worker.obey(open)])
  await moveUp(context, ['dualwrite', 'shadow'])
  for (const stage of STAGES) {
    if (stage === 'live') {
      await runToEnd(context, 'backfill')
      await moveUp(context, ['live'])
    }
    const seen = await phases(application, worker, size, (text) => setting.tell(`${stage}: ${text}`))
    figures.push(...figuresOf(stage, seen))
    notes.push(...notesOf(stage, seen))
  }
  return { configuration: configurationOf(size), figures, notes }
}

type Phase = 'idle' | 'throttled' | 'unthrottled'

interface Seen {
  windows: { [phase in Phase]: { reads: number[]; writes: number[] }[] }
  records: { [phase in Phase]: number }
  failed: number
  ended: number
  notes: Set<string>
}

async function phases(
  application: Child,
  worker: Child,
  { windowMs: ms, rounds, unthrottled, readsPerSecond }: (typeof SIZES)['full'],
  tell: (text: string) => void,
): Promise<Seen> {
  const seen: Seen = {
    windows: { idle: [], throttled: [], unthrottled: [] },
    records: { idle: 0, throttled: 0, unthrottled: 0 },
    failed: 0,
    ended: 0,
    notes: new Set(),
  }
  const window = async (phase: Phase, counts: boolean): Promise<void> => {
    const working =
      phase === 'idle' ? null : worker.obey({ kind: 'work', ms, input: { throttle: phase === 'throttled' } })
    const served = await application.obey({ kind: 'serve', ms, readsPerSecond, writesPerSecond: WRITES_PER_SECOND })
    const worked = await working
    if (served.kind !== 'served' || (worked !== null && worked.kind !== 'worked')) throw new Error('out of step')
    if (!counts) return
    const { reads, writes, failed } = served
    seen.windows[phase].push({ reads, writes })
    seen.failed += failed
    seen.records[phase] += worked?.records ?? 0
    seen.ended += worked?.ended ?? 0
    for (const note of worked?.notes ?? []) seen.notes.add(note)
    const at = (share: number): string => percentile(reads, share).toFixed(2)
    tell(
      `${phase}: reads p50 ${at(0.5)}, p99 ${at(0.99)} ms, writes p50 ${percentile(writes, 0.5).toFixed(2)}, p99 ${percentile(writes, 0.99).toFixed(2)}; ${worked?.records ?? 0} records`,
    )
  }
  await window('idle', false)
  await window('throttled', false)
  for (let round = 0; round < rounds; round++) {
    await window('idle', true)
    await window('throttled', true)
  }
  for (let round = 0; round < unthrottled; round++) await window('unthrottled', true)
  await worker.obey({ kind: 'leave' })
  return seen
}

function figuresOf(stage: Stage, { windows }: Seen): Figure[] {
  return (['reads', 'writes'] as const).flatMap((what) =>
    [0.5, 0.99].flatMap((share): Figure[] => {
      const of = (phase: Phase): number =>
        level(
          windows[phase].map((window) => window[what]),
          share,
        )
      const name = `${what} in ${stage}, p${share * 100}`
      const compared = (phase: Phase): { figure: string; against: string; ratio: number } => ({
        figure: `${of(phase).toFixed(2)} ms`,
        against: `${of('idle').toFixed(2)} ms idle`,
        ratio: of(phase) / of('idle'),
      })
      const held = compared('throttled')
      return [
        { what: `${name}, throttled`, ...held, met: held.ratio < SLOWDOWN_MAX, counted: false },
        { what: `${name}, throttling off`, ...compared('unthrottled'), met: null, counted: false },
      ]
    }),
  )
}

/** The median of the windows where each has enough samples for the percentile; else that of all samples together. */
function level(windows: readonly (readonly number[])[], share: number): number {
  const enough = windows.every((window) => window.length * (1 - share) >= 3)
  return enough ? median(windows.map((window) => percentile(window, share))) : percentile(windows.flat(), share)
}

function notesOf(stage: Stage, { windows, records, failed, ended, notes }: Seen): string[] {
  const perSecond = (phase: Phase): string => {
    const seconds = windows[phase].length * (SIZES.full.windowMs / 1000)
    return Math.round(records[phase] / seconds).toLocaleString('en')
  }
  return [
    `${stage}: ${perSecond('throttled')} records/s throttled, ${perSecond('unthrottled')} records/s not; ${ended} runs ended; ${failed} operations failed.`,
    ...[...notes].slice(-1).map((note) => `${stage}: the run said: ${note}`),
  ]
}

function configurationOf(size: (typeof SIZES)['full']): string[] {
  const cores = cpus().length
  return [
    `${cores} cores for the application, the worker, the gateway and Redis, a process each${cores < CORES_TO_SPARE ? ': they compete for them' : ''}.`,
    `${size.records} records`,
  ]
}

interface Child {
  obey(order: Order): Promise<Report>
  stop(): void
}

const SCRIPT = fileURLToPath(new URL('../parts/slowdown-process.ts', import.meta.url))

function startChild(): Child {
  const child: ChildProcess = fork(SCRIPT, { execArgv: ['--import', import.meta.resolve('tsx')] })
  return {
    obey: (order) =>
      new Promise((resolve, reject) => {
        child.once('message', (report: Report) => {
          if (report.kind === 'failed') reject(new Error(report.error))
          else resolve(report)
        })
        child.send(order)
      }),
    stop: () => void child.kill(),
  }
}
