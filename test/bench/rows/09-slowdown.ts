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

interface Size {
  records: number
  documents: number
  windowMs: number
  rounds: number
  unthrottled: number
  readsPerSecond: number
  costMs: number
}

const SIZES: { [size in Setting['size']]: Size } = {
  full: {
    records: 20_000,
    documents: 64,
    windowMs: 1_300,
    rounds: 6,
    unthrottled: 2,
    readsPerSecond: 250,
    costMs: 3_000,
  },
  small: {
    records: 1_000,
    documents: 2,
    windowMs: 250,
    rounds: 1,
    unthrottled: 1,
    readsPerSecond: 100,
    costMs: 1_000,
  },
}
const BYTES = 300
const WRITES_PER_SECOND = 10
const SLOWDOWN_MAX = 1.05
const STAGES = ['shadow', 'live'] as const
/** The application, the worker, the gateway and Redis: with a core for each, and some for the machine, none is missing. */
const CORES_TO_SPARE = 6
const COMMANDS_PER_SECOND = 20
/** Commands of one batch and of its delivery: what is sent is paid for afterwards. */
const BURST_COMMANDS = 25

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
  const dir = join(stack.dir, 'documents')
  const bulk: Bulk = { dir, records: size.records, documents: size.documents, bytes: BYTES }
  await writeBulk(bulk)
  const { context } = await wireBulk(bulk, stack.env, PREFIX)
  const [application, worker] = [startChild(), startChild()]
  children.push(application, worker)
  const open = { kind: 'open', bulk, env: stack.env, prefix: PREFIX, seed: setting.seed } as const
  await Promise.all([application.obey(open), worker.obey(open)])
  await moveUp(context, ['dualwrite', 'shadow'])
  const figures = [await costFigure(stack, worker, size)]
  const notes: string[] = []
  for (const stage of STAGES) {
    if (stage === 'live') {
      await runToEnd(context, 'backfill', { throttle: false })
      await moveUp(context, ['live'])
    }
    const seen = await phases(application, worker, size, (text) => setting.tell(`${stage}: ${text}`))
    figures.push(...figuresOf(stage, seen))
    notes.push(...notesOf(stage, seen, size))
  }
  return { configuration: configurationOf(size), figures, notes: [...notes, ...NOTES, ...coresNote()] }
}

const PREFIX = 'slowdown:'

/** What a back-fill that is limited in commands sends, as the gateway counts it. */
async function costFigure(stack: BenchStack, worker: Child, { costMs: ms }: Size): Promise<Figure> {
  const input = { commandsPerSecondMax: COMMANDS_PER_SECOND }
  await worker.obey({ kind: 'begin', input })
  await stack.resetStats()
  await worker.obey({ kind: 'work', ms, input })
  const { commands } = await stack.stats()
  await worker.obey({ kind: 'leave' })
  const allowed = (COMMANDS_PER_SECOND * ms) / 1000 + BURST_COMMANDS
  return {
    what: `commands of a back-fill with commandsPerSecondMax ${COMMANDS_PER_SECOND}, in ${ms / 1000} s`,
    figure: String(commands),
    against: `${allowed} (with one batch that is not yet paid for, of at most ${BURST_COMMANDS})`,
    ratio: commands / allowed,
    met: commands <= allowed,
    counted: true,
  }
}

type Phase = 'idle' | 'throttled' | 'unthrottled'

interface Window {
  reads: number[]
  writes: number[]
}

interface Seen {
  /** `throttled[n]` lies between `idle[n]` and `idle[n + 1]`. */
  windows: { [phase in Phase]: Window[] }
  records: { [phase in Phase]: number }
  failed: number
  note: string | null
}

async function phases(application: Child, worker: Child, size: Size, tell: (text: string) => void): Promise<Seen> {
  const { windowMs: ms, rounds, unthrottled, readsPerSecond } = size
  const seen: Seen = {
    windows: { idle: [], throttled: [], unthrottled: [] },
    records: { idle: 0, throttled: 0, unthrottled: 0 },
    failed: 0,
    note: null,
  }
  const window = async (phase: Phase): Promise<void> => {
    const input = { throttle: phase === 'throttled' }
    const working = phase === 'idle' ? null : worker.obey({ kind: 'work', ms, input })
    const served = await application.obey({ kind: 'serve', ms, readsPerSecond, writesPerSecond: WRITES_PER_SECOND })
    const worked = await working
    if (served.kind !== 'served' || (worked !== null && worked.kind !== 'worked')) throw new Error('Out of step.')
    const { reads, writes, failed } = served
    seen.windows[phase].push({ reads, writes })
    seen.failed += failed
    seen.records[phase] += worked?.records ?? 0
    seen.note = worked?.notes.at(-1) ?? seen.note
    const of = (what: number[]): string => `${shown(percentile(what, 0.5))}, ${shown(percentile(what, 0.99))}`
    tell(`${phase}: p50, p99 in ms: reads ${of(reads)}; writes ${of(writes)}; ${worked?.records ?? 0} records`)
  }
  // What the run learns in the first moments, and what the application compiles, does not count.
  await window('throttled')
  seen.windows.throttled = []
  seen.records.throttled = 0
  await window('idle')
  for (let round = 0; round < rounds; round++) {
    await window('throttled')
    await window('idle')
  }
  for (let round = 0; round < unthrottled; round++) await window('unthrottled')
  await worker.obey({ kind: 'leave' })
  return seen
}

function figuresOf(stage: Stage, seen: Seen): Figure[] {
  return (['reads', 'writes'] as const).flatMap((what) =>
    [0.5, 0.99].flatMap((share): Figure[] => {
      const compared = (phase: Phase): Pick<Figure, 'figure' | 'against' | 'ratio'> => ({
        figure: `${shown(level(seen, phase, what, share))} ms`,
        against: `${shown(level(seen, 'idle', what, share))} ms idle`,
        ratio: level(seen, phase, what, share) / level(seen, 'idle', what, share),
      })
      const name = `${what} in ${stage}, p${share * 100}`
      const held = { ...compared('throttled'), ratio: slowdown(seen, what, share) }
      return [
        { what: `${name}, throttled`, ...held, met: held.ratio < SLOWDOWN_MAX, counted: false },
        { what: `${name}, throttling off`, ...compared('unthrottled'), met: null, counted: false },
      ]
    }),
  )
}

/** Each window against the idle ones before and after it, the median of that; of all samples where one has too few. */
function slowdown(seen: Seen, what: keyof Window, share: number): number {
  const { idle, throttled } = seen.windows
  if (!isEnough(idle, what, share)) return level(seen, 'throttled', what, share) / level(seen, 'idle', what, share)
  const of = (window: Window | undefined): number => percentile(window?.[what] ?? [], share)
  return median(throttled.map((window, at) => of(window) / Math.sqrt(of(idle[at]) * of(idle[at + 1]))))
}

function level({ windows }: Seen, phase: Phase, what: keyof Window, share: number): number {
  const samples = windows[phase].map((window) => window[what])
  if (!isEnough(windows[phase], what, share)) return percentile(samples.flat(), share)
  return median(samples.map((some) => percentile(some, share)))
}

function isEnough(windows: readonly Window[], what: keyof Window, share: number): boolean {
  return windows.every((window) => window[what].length * (1 - share) >= 2)
}

function notesOf(stage: Stage, { windows, records, failed, note }: Seen, { windowMs }: Size): string[] {
  const perSecond = (phase: Phase): string =>
    Math.round(records[phase] / ((windows[phase].length * windowMs) / 1000)).toLocaleString('en')
  const apart = (share: number): string => {
    const levels = windows.idle.map(({ reads }) => percentile(reads, share))
    const steps = levels.slice(1).map((ms, at) => Math.abs(ms / (levels[at] ?? ms) - 1))
    return `${Math.round(median(steps) * 100)} %`
  }
  return [
    `In ${stage} ${perSecond('throttled')} records/s went through throttled, ${perSecond('unthrottled')} records/s with throttling off; ${failed} operations failed.`,
    `In ${stage} two idle windows in a row differ by ${apart(0.5)} at the p50 of reads and by ${apart(0.99)} at their p99 (medians): nothing smaller can be told from chance here.`,
    ...(note === null ? [] : [`What the run said of itself in ${stage}: ${note}`]),
  ]
}

const NOTES = [
  'Throttled, a run looks at what a small answer of the target takes during a batch and otherwise, and works so much of the time, in batches of at least 50 records, that such an answer takes 3 % longer on average; but at least 2 % of the time, and it rests for half a second at most. For the rest of the time it sleeps: that needs no core to spare, only time.',
]

function coresNote(): string[] {
  return cpus().length >= CORES_TO_SPARE
    ? []
    : [
        `This machine has ${cpus().length} cores, so the figures are those of throttling there; what happens with cores to spare cannot be measured on it.`,
      ]
}

function configurationOf({ records, documents, windowMs, rounds, readsPerSecond }: Size): string[] {
  const competing = cpus().length < CORES_TO_SPARE ? ', which compete for them' : ''
  return [
    `${cpus().length} cores for four processes${competing}: the application, the worker, the gateway, Redis.`,
    `The application: ${readsPerSecond} reads and ${WRITES_PER_SECOND} writes a second through the production data plane, an open loop, each timed from the moment at which it was due. Its reads wait for its own writes, which rewrite a JSON document each.`,
    `The worker: back-fill, then validation of ${records.toLocaleString('en')} records in ${documents} documents, over and over.`,
    `Windows of ${windowMs / 1000} s: ${rounds} with the worker at work, each between two without; a ratio is the median of a window against those beside it. Of writes there are too few for a p99 in one window: theirs is that of all windows together.`,
  ]
}

function shown(ms: number): string {
  return ms.toFixed(2)
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
