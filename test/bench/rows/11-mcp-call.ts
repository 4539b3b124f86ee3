import { recordOf } from '../parts/deployment.js'
import { inTurn, median, ratioOf } from '../parts/sample.js'
import type { Figure, Measured, Row, Setting } from '../row.js'
import { CALLS, type Call, ERAS, type Era, requestOf } from './mcp-call/calls.js'
import type { Records } from './mcp-call/map-data-plane.js'
import { bare, ours, type Serve } from './mcp-call/servers.js'

export const row: Row = {
  number: 11,
  work: 'an MCP tool call',
  against: 'the bare SDK (@modelcontextprotocol/server) with the same tools over a map',
  goal: 'at most 1.15 of its CPU',
  run,
}

const RATIO_MAX = 1.15
const RECORDS = 100

async function run({ size, tell }: Setting): Promise<Measured> {
  const [rounds, calls] = size === 'small' ? [2, 50] : [15, 200]
  const servers = { ours: ours(records()), bare: bare(records()) }
  const figures: Figure[] = []
  for (const era of ERAS) {
    for (const call of Object.keys(CALLS) as Call[]) {
      figures.push(await compare(servers, { era, call, rounds, calls }))
      tell(`${call} of ${era} is measured`)
    }
  }
  return { configuration: configuration(rounds, calls), figures, notes: NOTES }
}

function records(): Records {
  const numbers = Array.from({ length: RECORDS }, (_, number) => number)
  return new Map(numbers.map((number) => [`record-${String(number).padStart(6, '0')}`, ofNumber(number)]))
}

function ofNumber(number: number): { value: ReturnType<typeof recordOf>; version: number } {
  return { value: recordOf(number, 300), version: 1 }
}

interface Measurement {
  era: Era
  call: Call
  rounds: number
  calls: number
}

async function compare(
  servers: { ours: Serve; bare: Serve },
  { era, call, rounds, calls }: Measurement,
): Promise<Figure> {
  const cpuOf = (serve: Serve) => () => cpuPerCall(serve, era, call, calls)
  for (const serve of Object.values(servers)) await cpuPerCall(serve, era, call, calls) // compiled before it counts
  const cpu = await inTurn({ ours: cpuOf(servers.ours), bare: cpuOf(servers.bare) }, rounds)
  const ratio = ratioOf(cpu.ours, cpu.bare)
  return {
    what: `${call}, ${era}`,
    figure: `${median(cpu.ours).toFixed(0)} us`,
    against: `${median(cpu.bare).toFixed(0)} us`,
    ratio,
    met: ratio <= RATIO_MAX,
    counted: false,
  }
}

/** Microseconds of CPU for one call, requests and the reading of answers included, for they are the same for both. */
async function cpuPerCall(serve: Serve, era: Era, call: Call, calls: number): Promise<number> {
  const requests = Array.from({ length: calls }, (_, id) => requestOf(era, call, id))
  const began = process.cpuUsage()
  for (const request of requests) {
    const response = await serve(request)
    const text = await response.text()
    if (response.status !== 200 || !text.includes('"structuredContent"')) throw new Error(`It was refused: ${text}`)
  }
  const { user, system } = process.cpuUsage(began)
  return (user + system) / calls
}

function configuration(rounds: number, calls: number): string[] {
  return [
    'Both endpoints take Request objects, without a network, and are stateless: a server for each request, as the SDK demands.',
    'Ours: createMcpFetch as it is deployed, with the six tools and the resources of one collection, and its checks of host, origin, token, size, batches and members that occur twice.',
    'The bare SDK: createMcpHandler with two tools of the same schemas, annotations and answers, and none of these checks.',
    `Each figure: the median of ${rounds} rounds of ${calls} calls, in turn, by process.cpuUsage; ratios round by round.`,
  ]
}

const NOTES = [
  'Ours is below the bare SDK because it gives a server only the tool that is called, and describes each schema as JSON Schema once in a process instead of at every call.',
]
