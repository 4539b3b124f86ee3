import { join } from 'node:path'
import { COLLECTION, type Deployment, idOf, openDeployment } from '../parts/deployment.js'
import { inTurn, median, ratioOf } from '../parts/sample.js'
import type { Figure, Measured, Row, Setting } from '../row.js'
import { eagerBytes, lazyBytes } from './cold-start/closure.js'
import { inNewProcess, type Spent, type Unpacked, unpackFunctions } from './cold-start/imports.js'

export const row: Row = {
  number: 10,
  work: 'cold start: what importing each function costs, and its size',
  against: "require('@launchdarkly/node-server-sdk')",
  goal: `the data function takes at most 50 ms of CPU and 300 KB; no code of the control plane in it (an architecture test)`,
  run,
}

const FUNCTIONS = ['data', 'mcp', 'control', 'work', 'tick'] as const
const CPU_MS_MAX = 50
const KB_MAX = 300
const TOKEN = 'a-token-of-the-bench-and-long-enough'

async function run({ size, tell }: Setting): Promise<Measured> {
  const rounds = size === 'small' ? 1 : 9
  const unpacked = await unpackFunctions()
  tell('the functions are bundled')
  const deployment = await openDeployment({ records: 200, bytes: 300 })
  try {
    await deployment.reach('complete')
    await deployment.quiet()
    tell('the collection is in complete')
    const env = environmentOf(deployment)
    const imported = await importing(unpacked, env, rounds)
    tell('imports are measured')
    const figures = [...sizes(unpacked), ...imported, ...(await firstRequests(unpacked, env, rounds))]
    return { configuration: configuration(rounds), figures, notes: NOTES }
  } finally {
    await deployment.close()
    await unpacked.remove()
  }
}

function environmentOf({ stack }: Deployment): { [name: string]: string } {
  const ours = { CUTOVER_SOURCE_DIR: join(stack.dir, 'documents'), CUTOVER_PUBLIC_URL: 'http://127.0.0.1:9' }
  return { ...stack.env, ...ours, CUTOVER_LOG: 'silent', CUTOVER_API_TOKEN: TOKEN, CRON_SECRET: TOKEN }
}

function sizes({ bundles: { metafile } }: Unpacked): Figure[] {
  const figures = FUNCTIONS.map((name): Figure => {
    const kb = eagerBytes(metafile, name) / 1024
    const met = name === 'data' ? kb <= KB_MAX : null
    return { ...shown(`size of ${name}, loaded by importing it`, `${kb.toFixed(0)} KB`), met, counted: name === 'data' }
  })
  const later: [string, RegExp][] = [
    ['at the first request to Redis: its SDK', /@upstash\/redis/],
    ['at the first access to Blob: its SDK', /@vercel\/blob/],
    ['at the first write of a record: schemas and zod', /records\/schemas/],
  ]
  const lazy = later.map(([what, source]) => {
    const kb = lazyBytes(metafile, 'data', source) / 1024
    return shown(`size of data, loaded ${what}`, `${kb.toFixed(0)} KB`)
  })
  return [...figures, ...lazy]
}

async function importing(unpacked: Unpacked, env: { [name: string]: string }, rounds: number): Promise<Figure[]> {
  const cpuOf = (load: string) => async () => (await inNewProcess(load, [], env))[0]?.cpu ?? Number.NaN
  const own = FUNCTIONS.map((name) => [name, cpuOf(`import(${JSON.stringify(unpacked.fileOf(name))})`)])
  const theirs = `(await import('node:module')).createRequire(process.cwd() + '/x.js')('@launchdarkly/node-server-sdk')`
  const contenders = { ...Object.fromEntries(own), theirs: cpuOf(theirs) }
  const cpu: { [name: string]: number[] } = await inTurn(contenders, rounds)
  const [against = []] = [cpu.theirs]
  return FUNCTIONS.map((name) => {
    const ours = cpu[name] ?? []
    return {
      what: `CPU to import ${name}`,
      figure: `${median(ours).toFixed(1)} ms`,
      against: `${median(against).toFixed(1)} ms`,
      ratio: ratioOf(ours, against),
      met: name === 'data' ? median(ours) <= CPU_MS_MAX : null,
      counted: false,
    }
  })
}

/** From nothing to an answer: the import, the wiring, one request through the whole function, and the next one. */
async function firstRequests(unpacked: Unpacked, env: { [name: string]: string }, rounds: number): Promise<Figure[]> {
  const load = `import(${JSON.stringify(unpacked.fileOf('data'))})`
  const requests = [ask('GET'), ask('GET'), ask('PUT'), ask('PUT')]
  const samples: Spent[][] = []
  for (let round = 0; round < rounds; round++) samples.push(await inNewProcess(load, requests, env))
  const at = (step: number): string => {
    const of = (kind: 'cpu' | 'wall') => median(samples.map((spent) => spent[step]?.[kind] ?? Number.NaN)).toFixed(1)
    return `${of('cpu')} ms CPU, ${of('wall')} ms`
  }
  return [
    shown('import and wiring of data', at(0)),
    shown('then its first read, in complete', at(1)),
    shown('its second read', at(2)),
    shown('its first write', at(3)),
    shown('its second write', at(4)),
  ]
}

function ask(method: 'GET' | 'PUT'): string {
  const url = `http://cold.test/api/v1/${COLLECTION}/${idOf(7)}`
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const init = { method, headers, ...(method === 'PUT' ? { body: JSON.stringify({ name: 'Seven' }) } : {}) }
  return `
    const answer = await loaded.default.fetch(new Request(${JSON.stringify(url)}, ${JSON.stringify(init)}))
    if (answer.status !== 200) throw new Error('It was answered with ' + answer.status + ': ' + (await answer.text()))
    await answer.text()
  `
}

function shown(what: string, figure: string): Figure {
  return { what, figure, against: null, ratio: null, met: null, counted: false }
}

function configuration(rounds: number): string[] {
  return [
    'The functions as the build bundles them (scripts/build/bundle.ts), in a folder without any other file.',
    `Each figure: the median of ${rounds} new processes, in turn; CPU of all threads, by process.cpuUsage, from before the import.`,
    'A size is the text of the files that Node reads and compiles: the function and what it imports eagerly. The import includes the wiring.',
    'LaunchDarkly: require of the server SDK alone, without a client.',
    'First requests: a collection in complete, Redis over REST on loopback; the second and fourth show what is left when all is loaded.',
  ]
}

const NOTES = [
  'The same source as the builder traces it without the bundling step, measured once on this design: 5.6 MB in 957 files, of which an import read 194 and 1.1 MB, and took four times the CPU (157 ms where the bundle takes 37). Node pays for each file.',
  'The first read also pays for what Node itself loads at a first fetch.',
  'What a deployment does beyond this (start of Node, the platform) is the same for everybody and not in the figures.',
]
