import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { tokenAuthorizer } from '../../lib/http/authorize.js'
import { BASE } from '../http/harness.js'
import { DOORS } from './authorization-doors.js'
import { furnish, sampleOf } from './authorization-samples.js'
import { type Answer, type Deployed, deploy, SECRETS } from './authorization-world.js'

/** A refusal tells nothing about how near a guess came: not by its words, not by its headers, not by the work done. */
const DOORWAYS = ['operators', 'records', 'cron', 'queue', 'mcp'] as const
const OF_DOOR = { operators: 'admin', records: 'api', cron: 'cron', queue: 'currentKey', mcp: 'api' } as const

/** Wrong in length, in the first character, in the last, in case, in everything. */
function guesses(secret: string): string[] {
  return [
    'x',
    'x'.repeat(secret.length),
    'x'.repeat(2_000),
    `x${secret.slice(1)}`,
    `${secret.slice(0, -1)}x`,
    secret.slice(0, -1),
    `${secret}x`,
    secret.toLowerCase(),
  ]
}

describe('a refusal', () => {
  let deployed: Deployed
  let paths: { kind: string; method: string; path: string; body: unknown }[]
  beforeAll(async () => {
    deployed = await deploy()
    const furniture = await furnish(deployed)
    paths = Object.entries(DOORS).map(([name, door]) => {
      const [method = '', path = ''] = name.split(' ')
      const sample = sampleOf({ method, path }, door, furniture)
      const body = method === 'GET' || method === 'DELETE' ? undefined : sample.body
      return { kind: door.kind, method: method === 'ALL' ? 'POST' : method, path: sample.path, body }
    })
  })

  it.each(DOORWAYS)('at the door of the %s is the same for every wrong token', async (kind) => {
    for (const { method, path, body } of paths.filter((candidate) => candidate.kind === kind)) {
      const answers = new Set<string>()
      for (const guess of guesses(SECRETS[OF_DOOR[kind]])) {
        const headers = [['authorization', `Bearer ${guess}`]] as const
        answers.add(shown(await deployed.ask({ method, path, headers, body })))
      }
      // Only MCP tells "wrong" from "none", as RFC 6750 asks: a client must know whether to look for another token.
      if (kind !== 'mcp') answers.add(shown(await deployed.ask({ method, path, body })))
      expect([`${method} ${path}`, [...answers]]).toEqual([`${method} ${path}`, [expect.stringContaining('401')]])
    }
  })

  it('at the queue’s door says the same of every wrong signature', async () => {
    const ask = (signature: string) => {
      const headers = [['upstash-signature', signature]] as const
      return deployed.ask({ method: 'POST', path: '/api/jobs/run', headers, body: {} })
    }
    const answers = await Promise.all([...guesses(SECRETS.currentKey), 'a.b.c', 'e30.e30.e30'].map(ask))
    expect(new Set(answers.map(shown)).size).toBe(1)
  })
})

/** All that a caller sees, but for the request's own id. */
function shown({ status, headers, text }: Answer): string {
  const kept = [...headers].filter(([name]) => name !== 'x-request-id')
  return JSON.stringify([status, kept, text.replace(/"requestId":"[^"]*"/, '')])
}

describe('the comparison of tokens', () => {
  afterEach(() => vi.restoreAllMocks())
  const tokens = { apiToken: SECRETS.api, adminToken: SECRETS.admin, viewerToken: SECRETS.viewer }
  const request = (token: string) => new Request(BASE, { headers: { authorization: `Bearer ${token}` } })

  it('is of digests, one for each guess, however near it is and whoever it is', async () => {
    const { identify } = tokenAuthorizer(tokens)
    await identify(request('first'))
    const digest = vi.spyOn(crypto.subtle, 'digest')
    for (const token of [...guesses(SECRETS.admin), SECRETS.admin, SECRETS.api, SECRETS.viewer]) {
      digest.mockClear()
      await identify(request(token))
      expect([token, digest.mock.calls.map(([algorithm]) => algorithm)]).toEqual([token, ['SHA-256']])
    }
  })

  it('is of digests at the cron’s door, too', async () => {
    const deployed = await deploy()
    const digest = vi.spyOn(crypto.subtle, 'digest')
    for (const token of [...guesses(SECRETS.cron), SECRETS.cron]) {
      digest.mockClear()
      const headers = [['authorization', `Bearer ${token}`]] as const
      const { status } = await deployed.ask({ method: 'GET', path: '/api/cron/tick', headers })
      expect([token, status, digest.mock.calls.length]).toEqual([token, token === SECRETS.cron ? 200 : 401, 2])
    }
  })

  it('knows a token by all of its text and by nothing else', async () => {
    const { identify } = tokenAuthorizer(tokens)
    const near = fc
      .tuple(fc.constantFrom(SECRETS.api, SECRETS.admin, SECRETS.viewer), fc.nat(), fc.nat(93))
      .map(([secret, at, char]) => {
        const place = at % secret.length
        return secret.slice(0, place) + String.fromCharCode(33 + char) + secret.slice(place + 1)
      })
    const any = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(fc.oneof(near, any), async (token) => {
        const known = Object.values(tokens).includes(token.trim() as typeof SECRETS.api)
        expect((await identify(request(token))).kind === 'anonymous').toBe(!known)
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})

describe('a secret that is not configured', () => {
  const LEFT_OUT = [
    ['CRON_SECRET', 'GET', '/api/cron/tick'],
    ['CUTOVER_ADMIN_TOKEN', 'POST', '/api/migration/close-ledger'],
    ['CUTOVER_OPERATOR_TOKEN', 'POST', '/api/migration/watch'],
    ['CUTOVER_VIEWER_TOKEN', 'GET', '/api/migration/collections'],
  ] as const

  it.each(LEFT_OUT)('%s shuts its door to everything that could stand for nothing', async (name, method, path) => {
    for (const change of [{ without: [name] }, { set: { [name]: '' } }, { set: { [name]: '   ' } }]) {
      const deployed = await deploy(change)
      for (const text of [
        '',
        'Bearer',
        'Bearer ',
        'Bearer undefined',
        'Bearer null',
        'Bearer ""',
        'Bearer  ',
        'Bearer x',
      ]) {
        const headers = [['authorization', text]] as const
        const answer = await deployed.ask({ method, path, headers, body: method === 'GET' ? undefined : {} })
        expect([text, answer.status, answer.touched]).toEqual([text, 401, false])
      }
    }
  })

  it('leaves the control plane shut where there is no token for it at all', async () => {
    const without = ['CUTOVER_ADMIN_TOKEN', 'CUTOVER_OPERATOR_TOKEN', 'CUTOVER_VIEWER_TOKEN', 'CRON_SECRET'] as const
    const deployed = await deploy({ without })
    for (const secret of Object.values(SECRETS)) {
      const headers = [['authorization', `Bearer ${secret}`]] as const
      const wanted = secret === SECRETS.api ? 403 : 401
      const listed = await deployed.ask({ method: 'GET', path: '/api/migration/collections', headers })
      expect([secret, listed.status, listed.touched]).toEqual([secret, wanted, false])
      expect((await deployed.ask({ method: 'GET', path: '/api/cron/tick', headers })).status).toBe(401)
    }
  })

  it('that is shorter than 16 characters does not start', async () => {
    for (const [name] of LEFT_OUT) {
      await expect(deploy({ set: { [name]: 'short' } })).rejects.toMatchObject({ code: 'configuration' })
    }
  })
})
