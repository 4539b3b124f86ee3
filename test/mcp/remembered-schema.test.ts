import { expect, test } from 'vitest'
import * as z from 'zod'
import { remembered } from '../../lib/mcp/remembered-schema.js'
import { endpoint, type Fetch, postLegacy, postModern } from './endpoint.js'

const TARGET = { target: 'draft-2020-12' } as const

test('a remembered schema describes itself as the schema does, once, and nobody can change it', () => {
  const schema = z.strictObject({ id: z.string(), limit: z.int().default(20) })
  const { jsonSchema, validate } = remembered(schema)['~standard']
  expect(jsonSchema.input(TARGET)).toEqual(z.toJSONSchema(schema, { io: 'input' }))
  expect(jsonSchema.output(TARGET)).toEqual(z.toJSONSchema(schema, { io: 'output' }))
  expect(jsonSchema.input(TARGET)).toBe(jsonSchema.input(TARGET))
  const properties = jsonSchema.input(TARGET).properties as { id: { type: string } }
  expect(() => {
    properties.id.type = 'number'
  }).toThrow(TypeError)
  expect(validate({ id: 'a' })).toEqual({ value: { id: 'a', limit: 20 } })
})

const ERAS: {
  [era: string]: (fetch: Fetch, method: string, params: { [name: string]: unknown }) => Promise<Response>
} = {
  '2025-11-25': (fetch, method, params) => postLegacy(fetch, { jsonrpc: '2.0', id: 1, method, params }),
  '2026-07-28': postModern,
}

test.each(Object.entries(ERAS))('in %s, listings between calls are the same each time', async (_era, post) => {
  const { fetchAs, plane } = endpoint()
  plane.seed('projects', [{ id: 'p1', name: 'First' }])
  const ask = async (method: string, params: { [name: string]: unknown }): Promise<string> =>
    (await post(fetchAs(), method, params)).text()
  const first = await ask('tools/list', {})
  expect(first).toContain('"create_resource"')
  expect(await ask('tools/call', { name: 'get_project', arguments: { id: 'p1' } })).toContain('"structuredContent"')
  expect(await ask('tools/call', { name: 'create_thing', arguments: {} })).toContain('create_thing')
  expect(await ask('tools/list', {})).toBe(first)
})
