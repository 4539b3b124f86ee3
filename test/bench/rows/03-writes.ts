import { Redis } from '@upstash/redis'
import type { JsonObject } from '../../../lib/core/json.js'
import { isStrict, type Stage } from '../../../lib/core/stage.js'
import type { Wired } from '../../../lib/wire.js'
import { COLLECTION, type Deployment, idOf, openDeployment, recordOf } from '../parts/deployment.js'
import { inTurn, median, ratioOf } from '../parts/sample.js'
import { traceRequests } from '../parts/trace.js'
import type { Figure, Measured, Row, Setting } from '../row.js'
import { freshOperation, ready } from './commands/operations.js'
import { type Textbook, textbookOverDriver, textbookOverFile } from './writes/textbook.js'

export const row: Row = {
  number: 3,
  work: 'writes in off, dualwrite, shadow, live, complete',
  against: 'the textbook dual write (Promise.allSettled, no safety), and plain SET',
  goal: 'complete >= 0.9 of plain SET; strict stages no more than 2 sequential round trips',
  run,
}

const GOAL = 0.9
const TRIPS_MAX = 2
const STAGES: readonly Stage[] = ['off', 'dualwrite', 'shadow', 'live', 'complete']
const RECORDS = 200
const BYTES = 300
const CONCURRENCIES = [1, 16] as const
const TRACE_DELAY_MS = 3

type Write = (number: number, value: JsonObject) => Promise<unknown>

/** What all stages are compared with. */
interface Others {
  set: Write
  /** Each a request of its own. */
  single: Write
  driver: Textbook
  file: Textbook
}

async function run({ size, tell }: Setting): Promise<Measured> {
  const rounds = size === 'small' ? 1 : 7
  const deployment = await openDeployment({ records: RECORDS, bytes: BYTES })
  try {
    const others = await othersOf(deployment)
    const figures: Figure[] = []
    for (const stage of STAGES) {
      await deployment.reach(stage)
      const wired = await deployment.instance()
      for (const concurrency of CONCURRENCIES) {
        figures.push(...(await measure({ deployment, wired, others, stage, concurrency, rounds })))
      }
      if (isStrict(stage)) figures.push(await tripsOf(deployment, stage))
      if (stage === 'complete') figures.push(await overNetwork({ deployment, wired, others, stage, rounds }))
      tell(stage)
    }
    figures.push(...(await lostWrites(deployment, others)))
    return { configuration: configuration(rounds), figures, notes: NOTES }
  } finally {
    await deployment.close()
  }
}

async function othersOf({ stack }: Deployment): Promise<Others> {
  const redis = new Redis(stack.redis)
  const oneByOne = new Redis({ ...stack.redis, enableAutoPipelining: false })
  const numbers = Array.from({ length: RECORDS }, (_, number) => number)
  const text = JSON.stringify(Object.fromEntries(numbers.map((number) => [idOf(number), recordOf(number, BYTES)])))
  return {
    set: (number, value) => redis.set(`plain:${idOf(number)}`, value),
    single: (number, value) => oneByOne.set(`plain:${idOf(number)}`, value),
    driver: await textbookOverDriver(stack.dir, text, redis),
    file: await textbookOverFile(stack.dir, text, redis),
  }
}

interface Case {
  deployment: Deployment
  wired: Wired
  others: Others
  stage: Stage
  concurrency: number
  rounds: number
}

async function measure({ deployment, wired, others, stage, concurrency, rounds }: Case): Promise<Figure[]> {
  const fast = stage === 'complete'
  const writes = (each: number): number => each * (concurrency === 1 ? 1 : 8)
  const { ours, driver, file, set, single } = await inTurn(
    {
      ours: async () => {
        const rate = await writesPerSecond(concurrency, writes(fast ? 40 : 12), writeTo(wired))
        await deployment.quiet()
        return rate
      },
      driver: () => writesPerSecond(concurrency, writes(4), others.driver.write),
      file: () => writesPerSecond(concurrency, writes(8), others.file.write),
      set: () => writesPerSecond(concurrency, writes(40), others.set),
      single: () => writesPerSecond(concurrency, fast ? 40 : 1, others.single),
    },
    rounds,
  )
  const what = `${stage}, ${concurrency} at once`
  const against = (name: string, theirs: number[], goal: number | null): Figure => {
    const ratio = ratioOf(ours, theirs)
    const met = goal === null ? null : ratio >= goal
    return { what, figure: perSecond(ours), against: `${perSecond(theirs)} ${name}`, ratio, met, counted: false }
  }
  return [
    against('textbook, document by our driver', driver, null),
    against('textbook, document by writeFile', file, null),
    against('plain SET (default)', set, fast ? GOAL : null),
    ...(fast ? [against('plain SET (no auto-pipelining)', single, GOAL)] : []),
  ]
}

const NETWORK_MS = 2

/** As over a network: what a request costs the two processors is not all that there is. */
async function overNetwork({ deployment, wired, others, rounds }: Omit<Case, 'concurrency'>): Promise<Figure> {
  await deployment.stack.addFaults([{ fault: 'delay', delayMs: NETWORK_MS }])
  const sample = (write: Write) => () => writesPerSecond(16, 320, write)
  const { ours, set } = await inTurn({ ours: sample(writeTo(wired)), set: sample(others.set) }, rounds)
  await deployment.stack.clearFaults()
  const what = `complete, 16 at once, each request ${NETWORK_MS} ms longer`
  const against = `${perSecond(set)} plain SET (default)`
  return { what, figure: perSecond(ours), against, ratio: ratioOf(ours, set), met: null, counted: false }
}

function writeTo({ dataPlane }: Wired): Write {
  return (number, value) => dataPlane.write(COLLECTION, idOf(number), freshOperation(), { kind: 'put', value })
}

let values = 0

/** A value that no record has had. */
function nextValue(number: number): JsonObject {
  return { ...recordOf(number, BYTES), count: ++values }
}

async function writesPerSecond(concurrency: number, writes: number, write: Write): Promise<number> {
  let next = 0
  const writer = async (): Promise<void> => {
    while (next < writes) {
      const number = next++ % RECORDS
      await write(number, nextValue(number))
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: concurrency }, writer))
  return (writes / (performance.now() - began)) * 1_000
}

/** Requests of which each waited for the one before, up to the answer; row 4 counts all of them. */
async function tripsOf(deployment: Deployment, stage: Stage): Promise<Figure> {
  const wired = await deployment.instance()
  const { stack, quiet } = deployment
  const { documents } = wired
  const trace = traceRequests({ redisUrl: stack.redis.url, documents, delayMs: TRACE_DELAY_MS, quiet })
  await trace.costOf(await ready(wired, 'put', 0)) // finds out the stage
  const { trips } = await trace.costOf(await ready(wired, 'put', 1))
  trace.close()
  const [figure, against] = [`${trips} sequential round trips`, `${TRIPS_MAX}`]
  return { what: `put, ${stage}`, figure, against, ratio: null, met: trips <= TRIPS_MAX, counted: true }
}

/** Every record is written once, 16 at a time: what of it does the document hold? Ours: in dualwrite, on the way back. */
async function lostWrites(deployment: Deployment, others: Others): Promise<Figure[]> {
  const numbers = Array.from({ length: RECORDS }, (_, number) => number)
  const lostBy = async (write: Write, read: (number: number) => Promise<unknown>): Promise<number> => {
    const written = new Map<number, JsonObject>()
    await writesPerSecond(16, RECORDS, (number, value) => {
      written.set(number, value)
      return write(number, value)
    })
    await deployment.quiet()
    const held = await Promise.all(numbers.map(read))
    return held.filter((value, number) => JSON.stringify(value) !== JSON.stringify(written.get(number))).length
  }
  await deployment.reach('shadow')
  const wired = await deployment.instance()
  const ours = await lostBy(writeTo(wired), async (number) => {
    const found = await wired.dataPlane.get(COLLECTION, idOf(number))
    return found.kind === 'found' ? found.value : null
  })
  const figureOf = (name: string, theirs: number): Figure => ({
    what: `writes of ${RECORDS} that the document lacks, 16 at once, shadow`,
    figure: `${ours}`,
    against: `${theirs} ${name}`,
    ratio: null,
    met: ours === 0,
    counted: true,
  })
  const { driver, file } = others
  return [
    figureOf('textbook, document by our driver', await lostBy(driver.write, driver.inDocument)),
    figureOf('textbook, document by writeFile', await lostBy(file.write, file.inDocument)),
  ]
}

function perSecond(samples: readonly number[]): string {
  return `${Math.round(median(samples))}/s`
}

function configuration(rounds: number): string[] {
  return [
    `${RECORDS} records of about ${BYTES} bytes in one JSON document (60 KB) of files, on the disk of the temporary folder; puts of whole records.`,
    `The textbook: \`Promise.allSettled\` of reading, changing and writing a document of the same records, and \`redis.set\`; once by our driver of files (flushed to the disk, replaced as a whole), once by \`writeFile\`.`,
    `${rounds} rounds in turn, medians and the median of the ratios; \`new Redis({ url, token })\` by default, which gathers the commands of one tick. Work after our answers is waited for outside the time.`,
  ]
}

const NOTES = [
  'Where the document is written (off to live) it is what takes the time: its flush to the disk. Ours puts the writes of one moment into one; the textbook loses them, for one overwrites the other.',
  'At 16 at once both send one request for all of them, and what is left is the command: a SET takes the server 3 us and our script 25 us, for it checks the fence, numbers, remembers the operation and marks the copy in the same access (5 keys beside the value). Such a write costs a SET plus that; a network in between makes it small.',
]
