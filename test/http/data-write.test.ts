import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../lib/core/error.js'
import { BASE, codeOf, dataApp, type Send } from './harness.js'

const P = '/api/v1/projects'

describe('conditions', () => {
  const put = (send: Send, headers: { [name: string]: string }) => send('PUT', `${P}/a`, { name: 'A' }, headers)

  it('hold a write back unless the version is the one named', async () => {
    const { send } = dataApp()
    expect(await codeOf(put(send, { 'If-Match': '*' }))).toBe('412 precondition-failed')
    expect((await put(send, { 'If-None-Match': '*' })).status).toBe(201)
    expect(await codeOf(put(send, { 'If-None-Match': '*' }))).toBe('412 precondition-failed')
    expect((await put(send, { 'If-Match': '"1"' })).status).toBe(200)
    expect(await codeOf(put(send, { 'If-Match': '"1"' }))).toBe('412 precondition-failed')
    expect((await put(send, { 'If-Match': '*' })).status).toBe(200)
    expect(await codeOf(send('DELETE', `${P}/a`, undefined, { 'If-Match': '"1"' }))).toBe('412 precondition-failed')
    expect((await send('DELETE', `${P}/a`, undefined, { 'If-Match': '"3"' })).status).toBe(204)
  })

  it('never match on a weak tag or on a quoted star', async () => {
    const { send, dataPlane } = dataApp()
    await put(send, {})
    expect(await codeOf(put(send, { 'If-Match': 'W/"1"' }))).toBe('412 precondition-failed')
    expect(await codeOf(put(send, { 'If-Match': '"*"' }))).toBe('412 precondition-failed')
    expect(dataPlane.calls).toHaveLength(1)
  })

  it.each([
    { 'If-Match': '1' },
    { 'If-Match': '"1", "2"' },
    { 'If-Match': '' },
    { 'If-None-Match': '"1"' },
    { 'If-Match': '"1"', 'If-None-Match': '*' },
  ])('are refused as %j', async (headers) => {
    const { send, dataPlane } = dataApp()
    expect(await codeOf(send('PUT', `${P}/a`, { name: 'A' }, headers))).toBe('400 invalid-input')
    expect(dataPlane.calls).toHaveLength(0)
  })

  it('save a reader the version it has', async () => {
    const { send } = dataApp()
    await put(send, {})
    const get = (headers: { [name: string]: string }) => send('GET', `${P}/a`, undefined, headers)
    for (const tag of ['"1"', 'W/"1"', '"0", "1"', '*']) {
      const answer = await get({ 'If-None-Match': tag })
      expect([answer.status, answer.headers.get('etag'), await answer.text()]).toStrictEqual([304, '"1"', ''])
    }
    expect((await get({ 'If-None-Match': '"2"' })).status).toBe(200)
    expect((await get({ 'If-Match': '"1"' })).status).toBe(200)
    expect(await codeOf(get({ 'If-Match': '"2"' }))).toBe('412 precondition-failed')
  })
})

describe('bodies', () => {
  it.each([
    ['malformed', '{"name":', '400 invalid-input'],
    ['empty', '', '400 invalid-input'],
    ['not an object', '["a"]', '400 invalid-input'],
    ['against the schema', '{"name":""}', '400 invalid-input'],
    ['of another id', '{"id":"b","name":"A"}', '400 invalid-input'],
    ['ambiguous', '{"name":"A","name":"B"}', '400 invalid-input'],
    ['of numbers that would change', '{"name":"A","n":9007199254740993}', '400 invalid-input'],
    ['polluting', '{"name":"A","__proto__":{}}', '400 invalid-input'],
    ['too large', JSON.stringify({ name: 'A', text: 'x'.repeat(2_000) }), '413 too-large'],
    ['too large once written out', '{"name":"A","n":[1e20,1e20,1e20,1e20,1e20,1e20,1e20,1e20]}', '413 too-large', 120],
  ])('that are %s are refused before the data plane is asked', async (_, body, code, recordBytesMax = 1_000) => {
    const { send, dataPlane } = dataApp({ limits: { recordBytesMax } })
    expect(await codeOf(send('PUT', `${P}/a`, body))).toBe(code)
    expect(dataPlane.calls).toHaveLength(0)
  })

  it('are counted while they arrive, whatever length was announced', async () => {
    const { app } = dataApp({ limits: { recordBytesMax: 1_000 } })
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++
        controller.enqueue(new Uint8Array(400).fill(0x20))
      },
    })
    const headers = { 'Content-Type': 'application/json' }
    const init = { method: 'PUT', body: endless, duplex: 'half', headers } as RequestInit
    expect(await codeOf(app.request(`${BASE}${P}/a`, init))).toBe('413 too-large')
    expect(pulled).toBeLessThan(10)
  })

  it('may split a character between two chunks, and may not be other than UTF-8', async () => {
    const { app } = dataApp()
    const put = (bytes: Uint8Array[]) => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          for (const chunk of bytes) controller.enqueue(chunk)
          controller.close()
        },
      })
      const headers = { 'Content-Type': 'application/json; charset=UTF-8' }
      return app.request(`${BASE}${P}/a`, { method: 'PUT', body, duplex: 'half', headers } as RequestInit)
    }
    const bytes = new TextEncoder().encode('{"name":"漢字"}')
    const answer = await put([bytes.slice(0, 10), bytes.slice(10)])
    expect(await answer.json()).toStrictEqual({ id: 'a', name: '漢字' })
    expect(await codeOf(put([bytes.slice(0, 10)]))).toBe('400 invalid-input')
    expect(await codeOf(put([Uint8Array.of(0x22, 0xff, 0x22)]))).toBe('400 invalid-input')
  })

  it.each([
    ['PUT', 'text/plain', 415],
    ['PUT', 'application/merge-patch+json', 415],
    ['PUT', 'application/json; charset=latin1', 415],
    ['PUT', 'application/json;charset=utf-8', 201],
    ['PATCH', 'application/merge-patch+json', 404],
    ['PATCH', 'application/json', 404],
    ['PATCH', 'application/json-patch+json', 415],
  ])('%s as %s gives %i', async (method, type, status) => {
    const { send } = dataApp()
    expect((await send(method, `${P}/a`, { name: 'A' }, { 'Content-Type': type })).status).toBe(status)
  })

  it('in a content encoding are refused', async () => {
    const { send } = dataApp()
    expect((await send('PUT', `${P}/a`, { name: 'A' }, { 'Content-Encoding': 'gzip' })).status).toBe(415)
  })

  it('of patches are judged by what they would make of the record', async () => {
    const { send } = dataApp({ limits: { recordBytesMax: 100 } })
    await send('PUT', `${P}/a`, { name: 'A', x: 'x'.repeat(40) })
    expect(await codeOf(send('PATCH', `${P}/a`, { name: null }))).toBe('400 invalid-input')
    expect(await codeOf(send('PATCH', `${P}/a`, { id: null }))).toBe('400 invalid-input')
    expect(await codeOf(send('PATCH', `${P}/a`, { id: 'b' }))).toBe('400 invalid-input')
    expect(await codeOf(send('PATCH', `${P}/a`, { y: 'y'.repeat(40) }))).toBe('413 too-large')
    expect((await send('PATCH', `${P}/a`, { id: 'a' })).status).toBe(200)
    expect((await send('GET', `${P}/a`)).headers.get('etag')).toBe('"2"')
  })
})

describe('Idempotency-Key', () => {
  const keyed = { 'Idempotency-Key': 'order-7' }

  it('makes a resend happen once and answer as before', async () => {
    const { send, dataPlane } = dataApp()
    for (const _ of [1, 2]) {
      const answer = await send('PUT', `${P}/a`, { name: 'A' }, keyed)
      expect([answer.status, answer.headers.get('etag')]).toStrictEqual([201, '"1"'])
      expect(await answer.json()).toStrictEqual({ id: 'a', name: 'A' })
    }
    const [first, second] = dataPlane.calls
    expect(second?.operation).toStrictEqual(first?.operation)
    expect(first?.operation.op).toMatch(/^[\w-]{22}\.[\w-]{10}$/)
    expect(first?.operation).toMatchObject({ named: true, startedAt: 1_000 })
  })

  it('gives a repeated patch its value while the record has that version', async () => {
    const { send } = dataApp()
    await send('PUT', `${P}/a`, { name: 'A' })
    const patch = () => send('PATCH', `${P}/a`, { n: 1 }, keyed)
    await patch()
    expect(await (await patch()).json()).toStrictEqual({ id: 'a', name: 'A', n: 1 })
    await send('PUT', `${P}/a`, { name: 'B' })
    expect((await patch()).status).toBe(204)
  })

  it('acknowledges a repeated patch though its value cannot be read: the write has happened', async () => {
    const { send, dataPlane } = dataApp()
    await send('PUT', `${P}/a`, { name: 'A' })
    const patch = () => send('PATCH', `${P}/a`, { n: 1 }, keyed)
    await patch()
    dataPlane.get = async () => {
      throw new CutoverError('unavailable', 'The target store does not answer. Nothing was done. Try again.')
    }
    expect((await patch()).status).toBe(204)
  })

  it('used for another body or condition is 422; for another record or method it is another operation', async () => {
    const { send, dataPlane } = dataApp()
    await send('PUT', `${P}/a`, { name: 'A' }, keyed)
    expect(await codeOf(send('PUT', `${P}/a`, { name: 'B' }, keyed))).toBe('422 idempotency-mismatch')
    expect(await codeOf(send('PUT', `${P}/a`, { name: 'A' }, { ...keyed, 'If-Match': '*' }))).toBe(
      '422 idempotency-mismatch',
    )
    expect((await send('PUT', `${P}/b`, { name: 'A' }, keyed)).status).toBe(201)
    expect((await send('DELETE', `${P}/a`, undefined, keyed)).status).toBe(204)
    expect(new Set(dataPlane.calls.map((call) => call.operation.op.split('.')[0])).size).toBe(3)
  })

  it('that is absent leaves each request its own operation', async () => {
    const { send, dataPlane } = dataApp()
    await send('PUT', `${P}/a`, { name: 'A' })
    await send('PUT', `${P}/a`, { name: 'A' })
    const ops = dataPlane.calls.map((call) => call.operation)
    expect(ops[0]?.op).toMatch(/^[0-9a-f]{32}$/)
    expect(ops[0]?.op).not.toBe(ops[1]?.op)
    expect(ops.every((operation) => !operation.named)).toBe(true)
  })

  it.each(['', 'a b', 'é', 'x'.repeat(201)])('is not %j', async (key) => {
    const answer = dataApp().send('PUT', `${P}/a`, { name: 'A' }, { 'Idempotency-Key': key })
    expect(await codeOf(answer)).toBe('400 invalid-input')
  })
})
