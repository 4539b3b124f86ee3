import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../lib/core/error.js'
import { faultOfId } from '../../lib/core/id.js'
import { codeOf, dataApp, type Send } from './harness.js'

const P = '/api/v1/projects'

describe('one record', () => {
  it('is created, read, replaced, patched and deleted', async () => {
    const { send } = dataApp()
    const created = await send('PUT', `${P}/a`, { name: 'A' })
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe(`${P}/a`)
    expect(created.headers.get('etag')).toBe('"1"')
    expect(await created.json()).toStrictEqual({ id: 'a', name: 'A' })

    const replaced = await send('PUT', `${P}/a`, { id: 'a', name: 'B', version: '1' })
    expect([replaced.status, replaced.headers.get('location')]).toStrictEqual([200, null])

    const patched = await send('PATCH', `${P}/a`, { version: null, own: { x: 1 } })
    expect(await patched.json()).toStrictEqual({ id: 'a', name: 'B', own: { x: 1 } })

    const read = await send('GET', `${P}/a`)
    expect(await read.json()).toStrictEqual({ id: 'a', name: 'B', own: { x: 1 } })
    expect(read.headers.get('etag')).toBe('"3"')

    const deleted = await send('DELETE', `${P}/a`)
    expect([deleted.status, await deleted.text()]).toStrictEqual([204, ''])
    expect((await send('GET', `${P}/a`)).status).toBe(404)
    expect((await send('DELETE', `${P}/a`)).status).toBe(404)
    expect((await send('PATCH', `${P}/a`, {})).status).toBe(404)
  })

  it('is answered with stage, store and epoch, and is never cached, also when it is absent', async () => {
    const { send } = dataApp()
    const answers = [
      await send('PUT', `${P}/a`, { name: 'A' }),
      await send('GET', `${P}/a`),
      await send('GET', P),
      await send('GET', `${P}/absent`),
      await send('DELETE', `${P}/a`),
    ]
    for (const { headers } of answers) {
      expect(headers.get('cutover-stage')).toBe('shadow')
      expect(headers.get('cutover-served-by')).toBe('source')
      expect(headers.get('cutover-epoch')).toBe('3')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  it('answers HEAD as GET without the body', async () => {
    const { send } = dataApp()
    await send('PUT', `${P}/a`, { name: 'A' })
    const head = await send('HEAD', `${P}/a`)
    expect([head.status, head.headers.get('etag'), await head.text()]).toStrictEqual([200, '"1"', ''])
  })
})

describe('ids in paths', () => {
  it('arrive exactly as they were encoded', async () => {
    const ids = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((id) => faultOfId(id) === null)
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        const { send, dataPlane } = dataApp()
        const path = `${P}/${encodeURIComponent(id)}`
        const created = await send('PUT', path, { name: 'A' })
        expect([created.status, created.headers.get('location')]).toStrictEqual([201, path])
        expect(dataPlane.calls[0]?.id).toBe(id)
        expect(await (await send('GET', path)).json()).toStrictEqual({ id, name: 'A' })
      }),
    )
  })

  it.each(['a/b', '%2F', '%25', '100%', 'a?b#c', 'é漢😀', '@scope/name', 'a b+c', '%zz', ':id', '{id}', '*'])(
    'such as %s',
    async (id) => {
      const { send, dataPlane } = dataApp()
      expect((await send('PUT', `${P}/${encodeURIComponent(id)}`, { name: 'A' })).status).toBe(201)
      expect(dataPlane.calls[0]?.id).toBe(id)
    },
  )

  it.each(['%', '%zz', '%A4', '%ED%A0%80', 'a%0Ab', '%00', '__proto__', 'x'.repeat(513)])(
    'are refused when they are %s',
    async (segment) => expect(await codeOf(dataApp().send('GET', `${P}/${segment}`))).toBe('400 invalid-input'),
  )

  it('make no difference between a lost segment and an unknown path', async () => {
    const { send } = dataApp()
    expect(await codeOf(send('GET', `${P}/`))).toBe('404 not-found')
    expect(await codeOf(send('GET', `${P}/a/b`))).toBe('404 not-found')
    expect(await codeOf(send('GET', '/api/v1/unknown'))).toBe('404 not-found')
    expect(await codeOf(send('GET', '/api/v1/toString/a'))).toBe('404 not-found')
  })
})

describe('a listing', () => {
  const fill = async (send: Send, ids: string[]) => {
    for (const id of ids) await send('PUT', `/api/v1/notes/${encodeURIComponent(id)}`, { text: 'x'.repeat(100) })
  }
  const walk = async (send: Send, query: string) => {
    const pages: string[][] = []
    let cursor: string | null = null
    do {
      const next: string = cursor === null ? '' : `&cursor=${cursor}`
      const answer = await send('GET', `/api/v1/notes?${query}${next}`)
      const page = (await answer.json()) as { items: { id: string }[]; nextCursor: string | null }
      pages.push(page.items.map((item) => item.id))
      cursor = page.nextCursor
    } while (cursor !== null && pages.length < 50)
    return pages
  }

  it('gives every record once, in id order, page by page', async () => {
    const { send } = dataApp()
    await fill(send, ['b', 'a/1', 'é', 'c', '😀', '\uffee'])
    expect(await walk(send, 'limit=2')).toStrictEqual([
      ['a/1', 'b'],
      ['c', 'é'],
      ['\uffee', '😀'],
    ])
    const first = (await (await send('GET', '/api/v1/notes?limit=1')).json()) as { items: unknown[] }
    expect(first.items).toStrictEqual([{ id: 'a/1', etag: '"2"', value: { id: 'a/1', text: 'x'.repeat(100) } }])
  })

  it('ends a page early rather than let it grow too large, and still gives every record', async () => {
    const { send } = dataApp({ limits: { pageBytesMax: 400 } })
    await fill(send, ['a', 'b', 'c', 'd', 'e'])
    expect(await walk(send, 'limit=5')).toStrictEqual([['a', 'b'], ['c', 'd'], ['e']])
    const tiny = dataApp({ limits: { pageBytesMax: 1 } })
    await fill(tiny.send, ['a', 'b'])
    expect(await walk(tiny.send, '')).toStrictEqual([['a'], ['b']])
  })

  it('of nothing is empty', async () => {
    const answer = await dataApp().send('GET', P)
    expect(await answer.json()).toStrictEqual({ items: [], nextCursor: null })
  })

  it('never ends on an empty page that something follows', async () => {
    const { send, dataPlane } = dataApp()
    dataPlane.list = async () => ({ ...dataPlane.served, items: [], end: false })
    expect(await codeOf(send('GET', P))).toBe('500 internal')
  })

  it('has an ETag that changes with any record on the page', async () => {
    const { send } = dataApp()
    await fill(send, ['a'])
    const etag = (await send('GET', '/api/v1/notes')).headers.get('etag') ?? ''
    expect((await send('GET', '/api/v1/notes', undefined, { 'If-None-Match': etag })).status).toBe(304)
    await fill(send, ['a'])
    expect((await send('GET', '/api/v1/notes', undefined, { 'If-None-Match': etag })).status).toBe(200)
  })

  it.each(['limit=0', 'limit=201', 'limit=x', 'limit=', 'limit=1.5', 'cursor=', 'cursor=abc'])(
    'is refused with %s',
    async (query) => expect(await codeOf(dataApp().send('GET', `${P}?${query}`))).toBe('400 invalid-input'),
  )
})

describe('failures of the data plane', () => {
  it.each([
    ['contended', {}, '1'],
    ['unavailable', {}, '5'],
    ['unavailable', { retryAfterSeconds: 11.2 }, '12'],
    ['outcome-unknown', { retryAfterSeconds: 0 }, '1'],
  ] as const)('%s %j is 503 with Retry-After %s', async (code, details, retryAfter) => {
    const { send, dataPlane } = dataApp()
    dataPlane.failure = new CutoverError(code, 'Not now.', { details })
    const answer = await send('PUT', `${P}/a`, { name: 'A' })
    expect(answer.headers.get('retry-after')).toBe(retryAfter)
    expect(await answer.json()).toMatchObject({ status: 503, code })
  })
})
