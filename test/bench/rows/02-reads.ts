import { Redis } from '@upstash/redis'
import type { Stage } from '../../../lib/core/stage.js'
import type { Wired } from '../../../lib/wire.js'
import { COLLECTION, type Deployment, idOf, openDeployment } from '../parts/deployment.js'
import { inTurn, median, ratioOf } from '../parts/sample.js'
import type { Figure, Measured, Row, Setting } from '../row.js'

export const row: Row = {
  number: 2,
  work: 'end-to-end reads through the gateway, concurrency 1, 16, 64',
  against: 'the same GET by plain `@upstash/redis`',
  goal: '>= 0.95 of its throughput in live, rampdown, complete',
  run,
}

const GOAL = 0.95
const STAGES: readonly Stage[] = ['live', 'rampdown', 'complete']
const RECORDS = 200
/** Reads of one sample, by how many are under way at once; where each is a request of its own, fewer. */
const LOADS = [
  { concurrency: 1, reads: 40, single: 40 },
  { concurrency: 16, reads: 480, single: 64 },
  { concurrency: 64, reads: 960, single: 128 },
] as const

async function run({ size, tell }: Setting): Promise<Measured> {
  const rounds = size === 'small' ? 1 : 21
  const figures: Figure[] = []
  const cases = [
    { bytes: 300, stages: STAGES },
    { bytes: 2_000, stages: STAGES.slice(0, size === 'small' ? 0 : 1) },
  ]
  for (const { bytes, stages } of cases) {
    const deployment = await openDeployment({ records: RECORDS, bytes })
    try {
      for (const stage of stages) {
        await deployment.reach(stage)
        figures.push(...(await measureStage(deployment, stage, bytes, rounds)))
        tell(`${stage}, records of ${bytes} bytes`)
      }
    } finally {
      await deployment.close()
    }
  }
  return { configuration: configuration(rounds), figures, notes: NOTES }
}

async function measureStage(deployment: Deployment, stage: Stage, bytes: number, rounds: number): Promise<Figure[]> {
  const wired = await deployment.instance()
  const figures: Figure[] = []
  for (const warmUp of Object.values(contenders(deployment, wired, LOADS[2]))) await warmUp()
  for (const load of LOADS) {
    const { ours, plain, single } = await inTurn(contenders(deployment, wired, load), rounds)
    const [ratio, ratioSingle] = [ratioOf(ours, plain), ratioOf(ours, single)]
    const what = `${stage}, ${bytes} bytes, ${load.concurrency} at once`
    const figure = perSecond(ours)
    figures.push(
      { what, figure, against: `${perSecond(plain)} (default)`, ratio, met: ratio >= GOAL, counted: false },
      {
        what,
        figure,
        against: `${perSecond(single)} (no auto-pipelining)`,
        ratio: ratioSingle,
        met: ratioSingle >= GOAL,
        counted: false,
      },
    )
  }
  await deployment.quiet()
  return figures
}

type Load = (typeof LOADS)[number]

/** Each answers reads a second. */
function contenders({ stack }: Deployment, { dataPlane }: Wired, load: Load) {
  const byDefault = new Redis(stack.redis)
  const oneByOne = new Redis({ ...stack.redis, enableAutoPipelining: false })
  const get = (redis: Redis) => (id: string) => redis.get(`${COLLECTION}:${id}`)
  return {
    ours: () => readsPerSecond(load.concurrency, load.reads, (id) => dataPlane.get(COLLECTION, id)),
    plain: () => readsPerSecond(load.concurrency, load.reads, get(byDefault)),
    single: () => readsPerSecond(load.concurrency, load.single, get(oneByOne)),
  }
}

async function readsPerSecond(
  concurrency: number,
  reads: number,
  read: (id: string) => Promise<unknown>,
): Promise<number> {
  let next = 0
  const reader = async (): Promise<void> => {
    while (next < reads) {
      const found = await read(idOf(next++ % RECORDS))
      if (typeof found !== 'object' || found === null) throw new Error('A record was not found.')
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: concurrency }, reader))
  return (reads / (performance.now() - began)) * 1_000
}

function perSecond(samples: readonly number[]): string {
  return `${Math.round(median(samples))}/s`
}

function configuration(rounds: number): string[] {
  return [
    `${RECORDS} records in one JSON document and in Redis; our reads are \`dataPlane.get\` of the production wiring, theirs \`redis.get\` of the same key, which parses the same JSON.`,
    `Redis and the gateway in processes of their own, on loopback; ${rounds} rounds in turn, the medians and the median of the ratios. "Default": \`new Redis({ url, token })\`, which gathers the commands of one tick into one request.`,
  ]
}

const NOTES = [
  'A read of ours is one MGET of fence, value and meta, so that it also tells the stage and the version; those of one tick are one MGET, one command where the SDK sends one for each.',
  'A read that is alone costs about 5 to 8 % more than a GET that is a request of its own: three keys for one, the checks of the fence and of the copy, and a limit of time on the request, which the SDK does not have. Nine tenths of either is `fetch`.',
]
