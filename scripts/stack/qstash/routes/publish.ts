import { z } from 'zod'
import { type Accepted, accept } from '../intake.js'
import { type Publication, parsePublication } from '../publication.js'
import { Refusal } from '../refusal.js'
import { type Call, json, param, type Reply, type Route } from '../route.js'

export const publishRoutes: readonly Route[] = [
  { method: 'POST', pattern: /^\/v2\/publish\/(.+)$/, takesDestination: true, handle: publish },
  { method: 'POST', pattern: /^\/v2\/enqueue\/([^/]+)\/(.+)$/, takesDestination: true, handle: enqueue },
  { method: 'POST', pattern: /^\/v2\/batch$/, handle: batch },
]

function publish(call: Call): Promise<Reply> {
  const { headers, body, callerIp } = call
  return take(call, 'one', () => [
    parsePublication({ destination: param(call), headers, body, callerIp, queueName: null }),
  ])
}

function enqueue(call: Call): Promise<Reply> {
  const { headers, body, callerIp } = call
  const queueName = decodeURIComponent(param(call, 0))
  return take(call, 'one', () => [
    parsePublication({ destination: param(call, 1), headers, body, callerIp, queueName }),
  ])
}

function batch(call: Call): Promise<Reply> {
  return take(call, 'list', () =>
    parseBatch(call.body).map((item) =>
      parsePublication({
        destination: item.destination,
        headers: Object.fromEntries(Object.entries(item.headers).map(([name, value]) => [name.toLowerCase(), value])),
        body: Buffer.from(item.body ?? ''),
        callerIp: call.callerIp,
        queueName: item.queue ?? null,
      }),
    ),
  )
}

/** All of a batch is parsed before any of it is taken, and it is on disk before it is answered. */
async function take({ office }: Call, shape: 'one' | 'list', parse: () => Publication[]): Promise<Reply> {
  const { faults, stats } = office
  if (faults.current.refusePublish) {
    stats.refused += 1
    throw new Refusal(503, 'service unavailable')
  }
  const publications = parse()
  if (faults.strikes('dropBefore')) return { kind: 'cut' }
  const taken = publications.map((publication) => accept(office, publication))
  await office.file.flush()
  if (faults.strikes('dropAfter')) return { kind: 'cut' }
  const answers = taken.map(answerOf)
  if (shape === 'list') return json(answers)
  return json(answers[0], taken[0]?.deduplicated ? 202 : 201)
}

function answerOf({ messageId, deduplicated }: Accepted): { messageId: string; deduplicated?: true } {
  return deduplicated ? { messageId, deduplicated } : { messageId }
}

function parseBatch(body: Buffer): z.infer<typeof batchSchema> {
  try {
    return batchSchema.parse(JSON.parse(body.toString('utf8')))
  } catch {
    throw new Refusal(400, `invalid batch: a list of at most ${batchMax} messages with a destination is expected`)
  }
}

const batchMax = 1000
const batchSchema = z
  .array(
    z.object({
      destination: z.string(),
      headers: z.record(z.string(), z.string()).default({}),
      body: z.string().nullish(),
      queue: z.string().nullish(),
    }),
  )
  .max(batchMax)
