import { describe, expect, test } from 'vitest'
import type { Accepted, Recalled } from '../../lib/core/data-plane.js'
import { leastFor, parseSession } from '../../lib/core/session.js'
import { freshnessOf, freshnessTold } from '../../lib/mcp/session.js'
import { endpoint, postLegacy } from './endpoint.js'

interface Answer {
  result: { isError?: boolean; _meta?: { [key: string]: unknown }; structuredContent?: { record?: unknown } }
}

async function call(name: string, args: object, meta: object | undefined, recalled: Recalled | null) {
  const at = endpoint()
  const asked: Accepted[] = []
  Object.assign(at.plane, {
    recall: (_collection: string, _id: string, accepted: Accepted) => {
      asked.push(accepted)
      return recalled
    },
  })
  const params = { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) }
  const response = await postLegacy(at.fetchAs({ name: 'admin', role: 'admin' }), {
    ...{ jsonrpc: '2.0', id: 1, method: 'tools/call', params },
  })
  const text = await response.text()
  const json = text.startsWith('{') ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? '{}')
  return { asked, answer: (JSON.parse(json) as Answer).result }
}

const KEPT: Recalled = {
  ...{ kind: 'found', value: { id: 'p1', name: 'kept' }, etag: '77', ageMs: 4_200 },
  ...{ stage: 'live', epoch: 3, servedBy: 'target' },
}

describe('a call over MCP', () => {
  test('that says nothing is answered by the stores', async () => {
    const { asked, answer } = await call('get_project', { id: 'p1' }, undefined, KEPT)
    expect([asked, answer.isError, answer._meta?.['cutover/session']]).toEqual([[], true, undefined])
  })

  test('that carries a session may be answered by what is kept, and carries it on', async () => {
    const { asked, answer } = await call('get_project', { id: 'p1' }, { 'cutover/session': 'new' }, KEPT)
    expect(asked).toHaveLength(1)
    expect(answer.structuredContent?.record).toEqual({ id: 'p1', name: 'kept' })
    expect(answer._meta?.['cutover/age-seconds']).toBe(4)
    const session = parseSession(String(answer._meta?.['cutover/session']))
    expect(leastFor(session, 'projects', 'p1')).toEqual({ version: 77, epoch: 3 })
  })

  test('that finds nothing carries the session on, too', async () => {
    const { answer } = await call('get_project', { id: 'nobody' }, { 'cutover/session': 'new' }, null)
    expect(answer.isError).toBe(true)
    expect(parseSession(String(answer._meta?.['cutover/session'])).epochs.size).toBe(1)
  })

  test('that names an age passes it on', async () => {
    const { asked } = await call('get_project', { id: 'p1' }, { 'cutover/max-age-seconds': 7 }, KEPT)
    expect(asked).toEqual([{ ageMsMax: 7_000 }])
  })

  test('whose session was never given is refused', async () => {
    const { answer } = await call('get_project', { id: 'p1' }, { 'cutover/session': 'abc' }, KEPT)
    expect(answer._meta?.['cutover/error']).toMatchObject({ code: 'invalid-input' })
    expect(() => freshnessOf({ 'cutover/session': 7 })).toThrow(/a text/)
    expect(() => freshnessOf({ 'cutover/max-age-seconds': 'soon' })).toThrow(/a number/)
    expect(freshnessTold(freshnessOf(undefined), { ageMs: 1 })).toEqual({ 'cutover/age-seconds': 0 })
  })
})
