import { beforeAll, describe, expect, it } from 'vitest'
import { includesRole, ROLES } from '../../lib/commands/command.js'
import { commands } from '../../lib/commands/index.js'
import { defaultMigration } from '../../lib/define.js'
import { GENUINE } from './authorization-credentials.js'
import { type Answer, type Deployed, deploy, SECRETS } from './authorization-world.js'

/** Every MCP tool times every caller, in both eras, with what each caller is shown compared with what it may call. */
const CALLERS = ['nobody', 'api', 'viewer', 'operator', 'admin'] as const
type CallerKind = (typeof CALLERS)[number]
const ERAS = ['sessions', '2026-07-28'] as const
type Era = (typeof ERAS)[number]
const RECORDS = [
  { records: 'shut', open: false },
  { records: 'open', open: true },
]

const SINGULARS = defaultMigration.collections.map(({ name, singular }) => ({ name, singular }))
const READ_TOOLS = SINGULARS.flatMap(({ name, singular }) => [`list_${name}`, `search_${name}`, `get_${singular}`])
const WRITE_TOOLS = SINGULARS.flatMap(({ singular }) =>
  ['create', 'update', 'delete'].map((verb) => `${verb}_${singular}`),
)
const VERB_TOOLS = commands.map(({ name, role }) => ({ name: name.replaceAll('-', '_'), role }))
const ALL_TOOLS = [...READ_TOOLS, ...WRITE_TOOLS, ...VERB_TOOLS.map(({ name }) => name)]

/** The tools of one who is let in at all; the same rules as over HTTP. */
function toolsOf(caller: CallerKind, open: boolean): string[] {
  const role = ROLES.find((candidate) => candidate === caller) ?? null
  const verbs = VERB_TOOLS.filter((verb) => includesRole(role, verb.role)).map(({ name }) => name)
  const writes = open || caller !== 'viewer' ? WRITE_TOOLS : []
  return [...READ_TOOLS, ...writes, ...verbs].sort()
}

function isLetIn(caller: CallerKind, open: boolean): boolean {
  return open ? caller !== 'api' : caller !== 'nobody' // a token that is not configured is not known
}

function ask(
  deployed: Deployed,
  caller: CallerKind,
  era: Era,
  method: string,
  params: { [name: string]: unknown } = {},
) {
  const headers = GENUINE.find(({ is }) => is === caller)?.headers ?? []
  const accept = ['accept', 'application/json, text/event-stream'] as const
  if (era === 'sessions') {
    const body = { jsonrpc: '2.0', id: 1, method, params }
    return deployed.ask({ method: 'POST', path: '/mcp', headers: [...headers, accept], body })
  }
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': era,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
  }
  const name = params.name ?? params.uri
  const named = typeof name === 'string' ? [['mcp-name', name] as const] : []
  return deployed.ask({
    method: 'POST',
    path: '/mcp',
    headers: [...headers, accept, ['mcp-protocol-version', era], ['mcp-method', method], ...named],
    body: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } },
  })
}

interface Reply {
  result?: { isError?: boolean; tools?: { name: string }[]; content?: { text: string }[]; structuredContent?: unknown }
  error?: { code: number; message: string }
}

function replyOf({ text }: Answer): Reply {
  const event = /^data: (.*)$/m.exec(text)?.[1]
  return JSON.parse(event ?? text) as Reply
}

describe.each(RECORDS)('records $records', ({ open }) => {
  let deployed: Deployed
  beforeAll(async () => {
    deployed = await deploy({ without: open ? ['CUTOVER_API_TOKEN'] : [] })
  })

  describe.each(ERAS)('a client of %s', (era) => {
    it.each(CALLERS)('as %s is shown the tools that it may call, and no others', async (caller) => {
      const answer = await ask(deployed, caller, era, 'tools/list')
      if (!isLetIn(caller, open)) return expect([answer.status, answer.touched]).toEqual([401, false])
      const names = replyOf(answer).result?.tools?.map(({ name }) => name) ?? []
      expect([...names].sort()).toEqual(toolsOf(caller, open))
    })

    it.each(CALLERS)('as %s can call no tool that it is not shown', async (caller) => {
      const shown = isLetIn(caller, open) ? toolsOf(caller, open) : []
      const faults: string[] = []
      for (const name of ALL_TOOLS) {
        // No tool takes this, so that one that may be called answers that its arguments are not valid.
        const answer = await ask(deployed, caller, era, 'tools/call', { name, arguments: { notAnArgument: true } })
        const fault = isLetIn(caller, open)
          ? callFault(name, shown.includes(name), answer)
          : answer.status === 401
            ? null
            : `got ${answer.status}`
        if (fault !== null) faults.push(`${name}: ${fault}`)
        if (answer.touched) faults.push(`${name}: asked a store`)
      }
      expect(faults).toEqual([])
    })

    it.each(CALLERS)('as %s reads records as resources exactly if it is let in', async (caller) => {
      for (const [method, params] of [
        ['resources/list', {}],
        ['resources/templates/list', {}],
        ['resources/read', { uri: 'cutover://projects/a' }],
      ] as const) {
        const answer = await ask(deployed, caller, era, method, params)
        const seen = [method, answer.status, answer.status === 200 && replyOf(answer).error === undefined]
        expect(seen).toEqual([method, ...(isLetIn(caller, open) ? [200, true] : [401, false])])
        if (!isLetIn(caller, open)) expect(answer.touched).toBe(false)
      }
    })

    it.each(CALLERS)('as %s is served what it may call', async (caller) => {
      if (!isLetIn(caller, open)) return
      const read = await ask(deployed, caller, era, 'tools/call', { name: 'get_project', arguments: { id: 'a' } })
      expect(replyOf(read).result?.structuredContent).toMatchObject({ id: 'a', record: { id: 'a', name: 'a' } })
      const id = `made-by-${caller}-${era}`
      const made = await ask(deployed, caller, era, 'tools/call', {
        name: 'create_project',
        arguments: { id, name: 'Made' },
      })
      const status = await ask(deployed, caller, era, 'tools/call', { name: 'migration_status', arguments: {} })
      const tools = toolsOf(caller, open)
      expect([done(made), done(status)]).toEqual([tools.includes('create_project'), tools.includes('migration_status')])
      const found = await deployed.at.plane.get('projects', id)
      expect(found.kind).toBe(tools.includes('create_project') ? 'found' : 'absent')
    })
  })

  it('challenges who is not let in, and tells nobody a secret', async () => {
    const answer = await ask(deployed, open ? 'api' : 'nobody', 'sessions', 'tools/list')
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*resource_metadata="/)
    const log = JSON.stringify(deployed.log.entries)
    for (const secret of Object.values(SECRETS)) {
      expect(log).not.toContain(secret)
      expect(answer.text).not.toContain(secret)
    }
  })
})

function done(answer: Answer): boolean {
  const { result, error } = replyOf(answer)
  return error === undefined && result?.isError !== true
}

function callFault(name: string, shown: boolean, answer: Answer): string | null {
  const { result, error } = replyOf(answer)
  const said = `${error?.message ?? ''}${result?.content?.[0]?.text ?? ''}`
  if (!shown) {
    if (error?.code === -32602 && result === undefined && /not found/i.test(said)) return null
    return `should not be there, got ${answer.text.slice(0, 200)}`
  }
  if (done(answer)) return `did its work with arguments that it does not have: ${answer.text.slice(0, 200)}`
  return said.includes(name) && /invalid/i.test(said)
    ? null
    : `should have read its arguments, got ${answer.text.slice(0, 200)}`
}

describe('the endpoint', () => {
  it('shows the same tools in both eras, and each verb of the operators is one', async () => {
    const deployed = await deploy()
    const lists = await Promise.all(ERAS.map((era) => ask(deployed, 'admin', era, 'tools/list')))
    const [sessions, modern] = lists.map((answer) => replyOf(answer).result?.tools?.map(({ name }) => name))
    expect(sessions).toEqual(modern)
    expect([...(sessions ?? [])].sort()).toEqual([...ALL_TOOLS].sort())
  })

  it.each(['GET', 'DELETE', 'PUT', 'PATCH'])('takes no %s, whoever sends it, and does nothing', async (method) => {
    const deployed = await deploy()
    for (const { headers } of GENUINE) {
      const answer = await deployed.ask({ method, path: '/mcp', headers })
      expect([answer.status, answer.headers.get('allow'), answer.touched]).toEqual([405, 'POST', false])
    }
  })

  it('names no tool in a list of one who may see the list only through another’s session', async () => {
    const deployed = await deploy()
    const admin = await ask(deployed, 'admin', 'sessions', 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '0' },
    })
    const session = admin.headers.get('mcp-session-id')
    expect(session).toBeNull()
    const body = { jsonrpc: '2.0', id: 2, method: 'tools/list' }
    const stolen = [
      ['authorization', `Bearer ${SECRETS.viewer}`],
      ['accept', 'application/json, text/event-stream'],
      ['mcp-session-id', 'the-session-of-an-administrator'],
    ] as const
    const answer = await deployed.ask({ method: 'POST', path: '/mcp', headers: stolen, body })
    const names = replyOf(answer).result?.tools?.map(({ name }) => name) ?? []
    expect([...names].sort()).toEqual(toolsOf('viewer', false))
  })
})
