import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandContext } from '../../api/_surfaces/context.js'
import { commands } from '../../lib/commands/index.js'
import { operatorTools } from '../../lib/mcp/operator-tools.js'
import { cutover } from '../cli/toys.js'
import { endpoint } from '../mcp/endpoint.js'
import { CLIENTS } from '../mcp/official-clients.js'
import { type RunningApp, runApp } from '../scenario/running-app.js'

/** One flag, made, steered and explained over HTTP, on the command line and as tools, on the local stack. */
const ADMIN = 'admin-token-of-the-test'
const BOB = 'operator-token-of-the-test'

let app: RunningApp
beforeAll(async () => {
  const tokens = { CUTOVER_ADMIN_TOKEN: ADMIN, CUTOVER_OPERATOR_TOKEN: BOB }
  app = await runApp({ 'projects.json': '{}', 'resources.json': '{}' }, tokens)
}, 60_000)
afterAll(() => app.close())

async function http(method: string, path: string, body?: object, token = ADMIN) {
  const response = await fetch(`${app.url}/api/migration${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify({ reason: 'a test', ...body }) }),
  })
  return { status: response.status, body: (await response.json()) as { [member: string]: unknown } }
}

function cli(...args: string[]) {
  return cutover({ url: app.url, tokens: { admin: ADMIN }, parts: { commands } }, ...args)
}

async function cliJson(...args: string[]) {
  const { exit, out, err } = await cli('--json', ...args)
  expect([exit, err]).toEqual([0, ''])
  return JSON.parse(out)
}

describe('over HTTP', () => {
  it('a definition goes round: what is shown can be put again', async () => {
    await http('PUT', '/flag-groups/staff', { members: ['ann', 'bob'], description: 'ours' })
    const definition = {
      description: 'The new basket.',
      rules: [
        { when: [{ on: 'group', group: 'staff' }], rollout: { split: [{ variant: 'on' }] } },
        {
          when: [
            { on: 'attribute', attribute: 'country', operator: 'in', value: ['DE', 'FR'] },
            { on: 'environment', environments: ['production'], not: true },
          ],
          rollout: { percent: 10, split: [{ variant: 'on' }] },
        },
      ],
      rollout: { percent: 5 },
      from: '2026-01-01T00:00:00Z',
      schedule: [{ at: '2999-01-01T00:00:00+01:00', percent: 50 }],
    }
    const put = await http('PUT', '/feature-flags/checkout/definition', { definition })
    expect([put.status, put.body]).toMatchObject([200, { name: 'checkout', percent: { before: 0, after: 5 } }])
    const shown = await http('GET', '/flags/checkout')
    expect(shown.body).toMatchObject({
      value: 5,
      view: false,
      changedBy: 'admin-token',
      definition: { kind: 'boolean', salt: 'checkout', schedule: [{ at: '2998-12-31T23:00:00.000Z', percent: 50 }] },
    })
    const { definition: again, revision } = shown.body
    const second = await http('PUT', '/feature-flags/checkout/definition', { definition: again, revision })
    expect([second.status, second.body]).toMatchObject([200, { percent: { before: 5, after: 5 } }])
    expect((await http('GET', '/feature-flags/checkout')).body.definition).toEqual(again)
    const late = await http('PUT', '/feature-flags/checkout/definition', { definition: again, revision }, BOB)
    expect([late.status, late.body]).toMatchObject([
      409,
      { code: 'conflict', details: { reason: 'changed-meanwhile', by: 'admin-token' } },
    ])
  })

  it('a subject is told why it gets what it gets', async () => {
    const attributes = encodeURIComponent('{"country":"DE"}')
    const { body } = await http('GET', `/feature-flags/checkout/evaluation?key=eve&attributes=${attributes}`)
    expect(body).toMatchObject({
      reason: 'SPLIT',
      rule: 1,
      percent: 5,
      rules: [
        { reached: true, matches: false, conditions: [{ outcome: 'does-not-hold' }] },
        { reached: true, matches: true, conditions: [{ outcome: 'holds' }, { outcome: 'holds' }] },
      ],
    })
    const view = await http('GET', '/feature-flags/migration_mode/evaluation')
    expect(view.body).toMatchObject({ value: 'json', because: 'stages', stages: [{ stage: 'off' }, { stage: 'off' }] })
  })

  it.each([
    ['a name of a view', 'PUT', '/feature-flags/redis_write_x/definition', { definition: {} }, 400, 'invalid-input'],
    [
      'a group that is not there',
      'PUT',
      '/feature-flags/a/definition',
      { definition: { rules: [{ when: [{ on: 'group', group: 'x' }], rollout: { split: [{ variant: 'on' }] } }] } },
      400,
      'invalid-input',
    ],
    ['a misspelt member', 'PUT', '/feature-flags/a/definition', { definition: { rolout: {} } }, 400, 'invalid-input'],
    [
      'attributes that are a list',
      'GET',
      '/feature-flags/checkout/evaluation?attributes=[]',
      undefined,
      400,
      'invalid-input',
    ],
    ['a text as value', 'PUT', '/feature-flags/checkout', { value: 'half' }, 400, 'invalid-input'],
    ['a flag that is not there', 'POST', '/feature-flags/nothing/kill', {}, 404, 'not-found'],
    ['a group in use', 'DELETE', '/flag-groups/staff', {}, 409, 'conflict'],
  ])('%s is refused', async (_what, method, path, body, status, code) => {
    expect(await http(method, path, body)).toMatchObject({ status, body: { code } })
  })
})

describe('on the command line', () => {
  it('a flag is made, raised, killed, revived and deleted, and its history tells', async () => {
    const because = ['--reason', 'a test']
    const definition = '{"variants": {"on": true, "off": false}, "rollout": {"percent": 0}}'
    await cliJson('put-flag', 'by-hand', '--definition', definition, ...because)
    expect(await cliJson('set-flag', 'by-hand', '--value', '12.345', ...because)).toMatchObject({
      flag: { percent: { before: 0, after: 12.345 } },
    })
    expect(await cliJson('kill-flag', 'by-hand', ...because)).toMatchObject({ killed: { by: 'admin-token' } })
    expect((await cli('set-flag', 'by-hand', '--value', '50', ...because)).exit).toBe(1)
    await cliJson('revive-flag', 'by-hand', ...because)
    expect(await cliJson('evaluate-flag', 'by-hand', '--key', 'ann')).toMatchObject({ percent: 12.345 })
    const { items } = await cliJson('show-flag-history', 'by-hand')
    const actions = ['revive-flag', 'kill-flag', 'set-flag', 'put-flag']
    expect(items.map(({ action }: { action: string }) => action)).toEqual(actions)
    await cliJson('delete-flag', 'by-hand', ...because, '--yes')
    expect((await cli('show-flag', 'by-hand')).exit).toBe(1)
    const { exit, out } = await cli('list-flags')
    expect([exit, out]).toEqual([0, expect.stringContaining('checkout')])
  })
})

it.each(CLIENTS)('as tools, by the $name', async ({ name: who, connect }) => {
  const { fetchAs } = endpoint({ operatorTools: operatorTools(commands, await commandContext(app.wired)) })
  const client = await connect(fetchAs({ name: 'operator-token', role: 'operator' }))
  const name = `tool-${who.replace(/[^a-z0-9]/gi, '')}`
  const call = async (tool: string, input: { [name: string]: unknown }) => {
    const { isError, structuredContent } = await client.call(tool, input)
    expect([tool, isError ?? false]).toEqual([tool, false])
    return structuredContent
  }
  await call('put_flag', { name, definition: { rollout: { percent: 1 } }, reason: 'a test' })
  expect(await call('set_flag', { name, value: 99, reason: 'a test' })).toMatchObject({
    flag: { percent: { after: 99 } },
  })
  expect(await call('evaluate_flag', { name, key: 'ann' })).toMatchObject({ reason: 'SPLIT' })
  expect(await call('kill_flag', { name, reason: 'a test' })).toMatchObject({ killed: { by: 'operator-token' } })
  expect(await call('show_flag', { name })).toMatchObject({ value: false })
  expect(await call('show_flag_group', { name: 'staff' })).toMatchObject({ members: ['ann', 'bob'] })
  await client.close()
})
