import { beforeAll, describe, expect, it } from 'vitest'
import { includesRole, ROLES, type Role } from '../../lib/commands/command.js'
import { commands } from '../../lib/commands/index.js'
import { DOORS, type Door } from './authorization-doors.js'
import { furnish, type Sample, sampleOf } from './authorization-samples.js'
import { type Answer, type Deployed, deploy, SECRETS } from './authorization-world.js'

/** Every route of the real app times every session, from our own page and from anywhere else. */
let deployed: Deployed
let cookies: { [role in Role]: string }
let samples: { name: string; method: string; door: Door; sample: Sample }[]

const OWN = ['sec-fetch-site', 'same-origin'] as const
const ELSEWHERE = [
  [],
  [['sec-fetch-site', 'cross-site']],
  [['sec-fetch-site', 'same-site']],
  [['sec-fetch-site', 'none']],
  [['origin', 'null']],
  [['origin', 'https://evil.example']],
  [['origin', 'http://cutover.example']],
  [['origin', 'https://cutover.example:8443']],
] as const

beforeAll(async () => {
  deployed = await deploy()
  const furniture = await furnish(deployed)
  cookies = { viewer: await cookieOf('viewer'), operator: await cookieOf('operator'), admin: await cookieOf('admin') }
  samples = Object.entries(DOORS).map(([name, door]) => {
    const [method = '', path = ''] = name.split(' ')
    const sample = sampleOf({ method, path }, door, furniture)
    return { name, method: method === 'ALL' ? 'POST' : method, door, sample }
  })
})

async function cookieOf(role: Role): Promise<string> {
  const body = { token: SECRETS[role], name: 'Ann' }
  const answer = await deployed.ask({ method: 'POST', path: '/api/session', headers: [OWN], body })
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

type Header = readonly [name: string, value: string]

function ask({ method, sample }: (typeof samples)[number], headers: readonly Header[]): Promise<Answer> {
  const body = method === 'GET' || method === 'DELETE' ? undefined : sample.body
  return deployed.ask({ method, path: sample.path, headers: [...headers, ['accept', 'application/json']], body })
}

describe('a verb that is asked by GET', () => {
  it('changes nothing: a link on any page sends the cookie along', () => {
    const wrong = commands.filter(({ http, readOnly }) => http.method === 'GET' && !readOnly)
    expect(wrong.map(({ name }) => name)).toEqual([])
    expect(commands.filter(({ http }) => http.method === 'GET').length).toBeGreaterThan(20)
  })
})

describe.each(ROLES)('a session of the role %s', (role) => {
  it('may from our own page what its role may, and is nobody to everything but the control plane', async () => {
    const faults: string[] = []
    for (const one of samples.filter(({ door }) => door.kind !== 'own-page')) {
      const { status, text, touched } = await ask(one, [['cookie', cookies[role]], OWN])
      const wanted = wantedOf(one.door, role, one.sample)
      if (!wanted.includes(status)) faults.push(`${one.name}: ${status} for ${wanted} ${text.slice(0, 200)}`)
      if (status !== 200 && touched && (status === 401 || status === 403)) faults.push(`${one.name}: touched`)
    }
    expect(faults).toEqual([])
  })

  it('changes nothing for a page of anywhere else', async () => {
    const faults: string[] = []
    const guarded = samples.filter(({ door, method }) => door.kind === 'operators' && method !== 'GET')
    for (const one of [...guarded, ...samples.filter(({ door }) => door.kind === 'own-page')]) {
      for (const from of ELSEWHERE) {
        const { status, headers, touched } = await ask(one, [['cookie', cookies[role]], ...from])
        if (status !== 403 || touched || headers.has('set-cookie')) faults.push(`${one.name} ${from}: ${status}`)
      }
    }
    expect(guarded.length).toBeGreaterThan(20)
    expect(faults).toEqual([])
  })
})

/** A verb of the operators that says that its input is not valid has let in whoever asked. */
function wantedOf(door: Door, role: Role, sample: Sample): readonly number[] {
  switch (door.kind) {
    case 'public':
    case 'session':
      return [200]
    case 'viewers':
      return sample.passed
    case 'operators':
      return includesRole(role, door.command.role) ? [...sample.passed, 400] : [403]
    default:
      return [401]
  }
}

describe('a viewer who is signed in', () => {
  it('cannot advance, an operator can, and the trail says who it was', async () => {
    const path = '/api/migration/collections/resources/advance'
    const advance = (role: Role) => {
      const headers = [['cookie', cookies[role]], OWN] as const
      return deployed.ask({ method: 'POST', path, headers, body: { reason: 'by hand' } })
    }
    const refused = await advance('viewer')
    expect([refused.status, refused.touched]).toEqual([403, false])
    expect((await advance('operator')).status).toBe(200)
    const trail = await deployed.ask({
      method: 'GET',
      path: '/api/migration/audit',
      headers: [['cookie', cookies.viewer]],
    })
    expect(trail.text).toContain('"operator-token (Ann)"')
    expect(trail.text).not.toContain('"viewer-token (Ann)"')
  })
})

describe('the page', () => {
  const page = (...headers: Header[]) => deployed.ask({ method: 'GET', path: '/', headers })

  it('is a form for whoever has no session, and asks no store for it', async () => {
    const nobodies: Header[][] = [
      [],
      [['authorization', `Bearer ${SECRETS.admin}`]],
      [['cookie', `${cookies.admin}x`]],
      [['cookie', `__Host-cutover=${SECRETS.admin}`]],
    ]
    for (const headers of nobodies) {
      const { status, text, touched } = await page(...headers)
      expect([status, touched, text.includes('action="/api/session"')]).toEqual([200, false, true])
      expect(text).not.toContain('projects')
    }
  })

  it('is of the one who is signed in, and holds neither token nor cookie', async () => {
    const { status, text } = await page(['cookie', cookies.operator], ['sec-fetch-site', 'cross-site'])
    expect([status, text.includes('operator-token (Ann)'), text.includes('projects')]).toEqual([200, true, true])
    for (const secret of [...Object.values(SECRETS), cookies.operator]) expect(text).not.toContain(secret)
  })
})

describe('a session that is half through its idle time', () => {
  it('is renewed by what it asks, and by nothing that is refused', async () => {
    const fresh = await deploy()
    const begun = await fresh.ask({
      method: 'POST',
      path: '/api/session',
      headers: [OWN],
      body: { token: SECRETS.viewer },
    })
    const cookie = ['cookie', begun.headers.get('set-cookie')?.split(';')[0] ?? ''] as const
    const read = (path: string) => fresh.ask({ method: 'GET', path, headers: [cookie] })
    expect((await read('/api/migration/dashboard')).headers.has('set-cookie')).toBe(false)
    fresh.at.clock.time += 7 * 3_600_000
    const answer = await read('/api/migration/dashboard')
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([
      200,
      expect.stringMatching(/^__Host-cutover=1\.viewer\..*; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
    ])
    const refused = await fresh.ask({ method: 'POST', path: '/api/migration/emergency-stop', headers: [cookie, OWN] })
    expect([refused.status, refused.headers.has('set-cookie')]).toEqual([403, false])
    fresh.at.clock.time += 5 * 3_600_000
    expect((await read('/api/migration/dashboard')).status).toBe(401)
  })
})

describe('the log', () => {
  it('holds neither a token nor a cookie', () => {
    const log = JSON.stringify(deployed.log.entries)
    expect(log).toContain('signed-in')
    const signatures = Object.values(cookies).map((cookie) => cookie.split('.').at(-1) ?? '')
    for (const secret of [...Object.values(SECRETS), ...Object.values(cookies), ...signatures]) {
      expect(log).not.toContain(secret)
    }
    expect(deployed.log.entries.filter(({ level }) => level === 'error')).toEqual([])
  })
})
