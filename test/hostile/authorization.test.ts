import { beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../lib/commands/index.js'
import { put } from '../engine/runs/world.js'
import { type Credential, FALSE, GENUINE, SPELLED_OTHERWISE } from './authorization-credentials.js'
import { DOORS, type Door, doorOf, type Route, verdictOf } from './authorization-doors.js'
import { furnish, type Sample, sampleOf } from './authorization-samples.js'
import { type Answer, type Deployed, deploy, SECRETS } from './authorization-world.js'

/**
 * Every route of the real app times everything that a caller can bring. The routes are those that the app itself
 * lists; a route that nobody has said anything about fails with a sentence that says what to do.
 */
const { app } = await deploy()
const served = app.routes.filter(({ method, path }) => !(method === 'ALL' && path === '/*'))
const routes: Route[] = served.map(({ method, path }) => ({ method, path }))
const ACCEPT = ['accept', 'application/json, text/event-stream'] as const

describe('the table of routes', () => {
  it('knows every route that the app serves', () => {
    for (const route of routes) expect(doorOf(route)).toBeDefined()
  })

  it('holds no route that is not served, and none twice', () => {
    const names = routes.map(({ method, path }) => `${method} ${path}`)
    expect([...names].sort()).toEqual(Object.keys(DOORS).sort())
  })

  it('would name a route that is new, and say what to do', () => {
    expect(() => doorOf({ method: 'POST', path: '/api/new' })).toThrow(
      /^POST \/api\/new is served, .* add it to BY_HAND/,
    )
  })

  it('has two handlers for all paths: the request’s id, and the methods that are not allowed', () => {
    // A third would be a middleware that the matrix has not seen, or a route that catches everything.
    expect(app.routes.length - served.length).toBe(2)
  })

  it('asks an administrator for what cannot be undone', () => {
    const admins = commands.filter(({ role }) => role === 'admin').map(({ name }) => name)
    expect([...admins].sort()).toEqual([
      'clean-up',
      'close-ledger',
      'delete-backup',
      'leave-behind',
      'overrule-phase',
      'overrule-plan',
      'recover-target',
      'restore-backup',
      'restore-documents',
    ])
  })
})

interface Cell {
  route: Route
  door: Door
  sample: Sample
  credential: Credential
  open: boolean
}

/** Asks once, and answers what is wrong with the answer; an empty list is right. */
async function faultsOf(deployed: Deployed, cell: Cell): Promise<string[]> {
  const { route, door, sample, credential, open } = cell
  const verdict = verdictOf(door, credential, open)
  if (verdict === 'pass' && door.kind === 'records') await put(deployed.at, 'a', { name: 'a' })
  const method = route.method === 'ALL' ? 'POST' : route.method
  const headers = [...credential.headers, ACCEPT]
  const body = method === 'GET' || method === 'DELETE' ? undefined : sample.body
  const path = sample.path + (verdict === 'pass' && door.kind === 'operators' ? '' : (credential.query ?? ''))
  const answer = await deployed.ask({ method, path, headers, body })
  const faults = verdict === 'pass' ? passedWrongly(sample, answer) : refusedWrongly(verdict, answer)
  for (const [name, secret] of Object.entries(SECRETS)) {
    if (answer.text.includes(secret)) faults.push(`the ${name} secret is in the answer`)
  }
  return faults.map((fault) => `${method} ${path} with ${credential.name}: ${fault}`)
}

function passedWrongly({ passed, holds = '' }: Sample, { status, text, touched }: Answer): string[] {
  if (status === 400 && touched) return ['asked a store before it knew that its input was not valid']
  if (passed.includes(status) && text.includes(holds)) return []
  return [`should be let in (${passed.join(' or ')}, ${holds}), got ${status} ${text.slice(0, 300)}`]
}

function refusedWrongly(wanted: 401 | 403, { status, headers, text, touched }: Answer): string[] {
  const faults: string[] = []
  if (status !== wanted) faults.push(`should be ${wanted}, got ${status} ${text.slice(0, 300)}`)
  if (headers.has('www-authenticate') !== (wanted === 401)) faults.push('WWW-Authenticate is for 401, and only there')
  if (touched) faults.push('was refused after a store or the ledger had been asked')
  if (headers.get('cache-control') !== 'no-store' && !text.includes('jsonrpc')) faults.push('could be cached')
  return faults
}

describe.each([
  { records: 'shut', open: false },
  { records: 'open', open: true },
])('records $records', ({ open }) => {
  let deployed: Deployed
  let furniture: { [parameter: string]: string }
  beforeAll(async () => {
    deployed = await deploy({ without: open ? ['CUTOVER_API_TOKEN'] : [] })
    furniture = await furnish(deployed)
  })

  /** An API token that is not configured is a word like any other. */
  const asKnown = (credential: Credential): Credential =>
    open && credential.is === 'api' ? { ...credential, is: 'nobody' } : credential

  const credentials = [...GENUINE, ...SPELLED_OTHERWISE, ...FALSE].map(asKnown)

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', async (_, route) => {
    const door = doorOf(route)
    const sample = sampleOf(route, door, furniture)
    const faults: string[] = []
    for (const credential of credentials) {
      faults.push(...(await faultsOf(deployed, { route, door, sample, credential, open })))
    }
    expect(faults.slice(0, 10)).toEqual([])
  })

  it('has left no secret in the log, and no error there', () => {
    const log = JSON.stringify(deployed.log.entries)
    for (const secret of Object.values(SECRETS)) expect(log).not.toContain(secret)
    expect(deployed.log.entries.filter(({ level }) => level === 'error')).toEqual([])
  })
})
