import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { command, type Role } from '../../lib/commands/command.js'
import { CutoverError } from '../../lib/core/error.js'
import { operatorTools } from '../../lib/mcp/operator-tools.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { CLIENTS } from './official-clients.js'

interface Context {
  ran: unknown[]
}

const status = command({
  name: 'migration-status',
  summary: 'Shows where every collection stands.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/collections' },
  input: z.object({}),
  output: z.object({ stage: z.string() }),
  run: async (_context: Context) => ({ stage: 'shadow' }),
})

const advance = command({
  name: 'advance-stage',
  summary: 'Moves a collection one stage on.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/collections/{collection}/advance' },
  input: z.object({ collection: z.string(), reason: z.string() }),
  output: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('moved'), from: z.string(), to: z.string() }),
    z.object({ kind: z.literal('refused'), reason: z.string() }),
  ]),
  run: async (context: Context, input, caller) => {
    context.ran.push([input, caller])
    if (input.collection === 'none') throw new CutoverError('not-found', 'There is no such collection.')
    if (input.collection === 'odd') throw new Error('secret')
    if (input.collection === 'projects') return { kind: 'moved' as const, from: 'shadow', to: 'live' }
    return { kind: 'refused' as const, reason: 'backfill-incomplete' }
  },
})

const as = (role: Role) => ({ name: `${role}-token`, role })

function operated(): Endpoint & { context: Context } {
  const context: Context = { ran: [] }
  return { ...endpoint({ operatorTools: operatorTools([status, advance], context) }), context }
}

describe.each(CLIENTS)('$name', ({ connect }) => {
  test('each caller sees and calls the tools of its role only', async () => {
    const { fetchAs, context } = operated()
    const seen = async (caller?: { name: string; role: Role }) => {
      const client = await connect(fetchAs(caller))
      const names = (await client.listTools()).map(({ name }) => name)
      await client.close()
      return names.filter((name) => name === 'migration_status' || name === 'advance_stage')
    }
    expect(await seen()).toEqual([])
    expect(await seen(as('viewer'))).toEqual(['migration_status'])
    expect(await seen(as('operator'))).toEqual(['migration_status', 'advance_stage'])
    expect(await seen(as('admin'))).toEqual(['migration_status', 'advance_stage'])
    const viewer = await connect(fetchAs(as('viewer')))
    const args = { collection: 'projects', reason: 'test' }
    await expect(viewer.call('advance_stage', args)).rejects.toMatchObject({ code: -32602 })
    expect(context.ran).toEqual([])
    await viewer.close()
  })

  test('a command runs as its caller; its annotations are those of the command', async () => {
    const { fetchAs, context } = operated()
    const client = await connect(fetchAs(as('operator')))
    const args = { collection: 'projects', reason: 'test' }
    const result = await client.call('advance_stage', args)
    expect(result.structuredContent).toEqual({ kind: 'moved', from: 'shadow', to: 'live' })
    expect(context.ran).toEqual([[args, as('operator')]])
    const tool = (await client.listTools()).find(({ name }) => name === 'advance_stage')
    expect(tool).toMatchObject({
      title: 'Advance stage',
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
      outputSchema: { type: 'object' },
    })
    await client.close()
  })

  test('a refusal is an answer and not an error; an error is one', async () => {
    const { fetchAs } = operated()
    const client = await connect(fetchAs(as('admin')))
    const run = (collection: string) => client.call('advance_stage', { collection, reason: 'test' })
    expect(await run('resources')).toMatchObject({
      structuredContent: { kind: 'refused', reason: 'backfill-incomplete' },
    })
    expect((await run('resources')).isError).toBeUndefined()
    expect((await run('none')).content[0]?.text).toBe('not-found: There is no such collection.')
    expect(JSON.stringify(await run('odd'))).not.toContain('secret')
    await client.close()
  })
})
