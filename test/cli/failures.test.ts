import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { cutover, listen, SECRETS, type Setting, toyServer } from './toys.js'

let server: Awaited<ReturnType<typeof toyServer>>
let at: Setting
const closers: (() => Promise<void>)[] = []
beforeAll(async () => {
  server = await toyServer()
  at = { url: server.url }
})
afterAll(() => server.close())
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const paint = (toy: string) => ['paint', toy, '7', '--reason', 'why']

/** Answers every request with the same response. */
async function stranger(response: () => Response) {
  const other = await listen(response)
  closers.push(other.close)
  return { url: other.url }
}

describe('a refusal', () => {
  it('is code 1 with its reason', async () => {
    const done = await cutover(at, ...paint('wet'))
    expect(done).toMatchObject({ exit: 1, out: '', err: 'Refused: still-wet\ndryInSeconds  60\n' })
  })

  it('is the line of JSON with --json', async () => {
    const { exit, out } = await cutover(at, ...paint('wet'), '--json')
    expect([exit, JSON.parse(out)]).toStrictEqual([1, { kind: 'refused', reason: 'still-wet', dryInSeconds: 60 }])
  })
})

describe('a problem', () => {
  it.each([
    ['absent', 1, 'Not found: There is no such toy. [not-found]'],
    ['stuck', 1, 'Unavailable: The store cannot answer. [unavailable]'],
    ['bug', 1, '[internal]'],
    ['odd', 2, 'on \\u001b[31mSundays. [invalid-input]'],
  ])('such as "%s" is code %i with title, detail, code and request', async (toy, exit, shown) => {
    const done = await cutover(at, ...paint(toy))
    expect([done.exit, done.out]).toStrictEqual([exit, ''])
    expect(done.err).toContain(shown)
    expect(done.err).toMatch(/ Request request-\d+\.\n$/)
    expect(done.err).not.toMatch(/payload|^\s+at /m)
  })

  it('is the line of JSON with --json, wherever it arose', async () => {
    const far = await cutover(at, ...paint('absent'), '--json')
    expect(JSON.parse(far.out)).toMatchObject({ error: { code: 'not-found', detail: 'There is no such toy.' } })
    const near = await cutover(at, 'paint', '--json')
    expect([near.exit, JSON.parse(near.out)]).toMatchObject([2, { error: { code: 'invalid-input' } }])
  })

  it('of a right that is missing is code 3', async () => {
    const viewer = await cutover({ ...at, tokens: { viewer: SECRETS.viewer } }, ...paint('a'))
    expect(viewer.exit).toBe(3)
    expect(viewer.err).toContain('needs the role operator')
    expect((await cutover({ ...at, tokens: { admin: 'guess' } }, 'look')).exit).toBe(3)
    const nobody = await cutover({ ...at, tokens: {} }, 'look')
    expect(nobody.exit).toBe(3)
    expect(nobody.err).toContain('put one into CUTOVER_ADMIN_TOKEN')
  })
})

describe('a server that is not cutover', () => {
  it.each([
    [200, 1],
    [401, 3],
    [403, 3],
    [404, 1],
    [502, 4],
  ])('and answers %i is code %i', async (status, exit) => {
    const other = await stranger(() => new Response('<h1>hello</h1>', { status }))
    const done = await cutover(other, 'look')
    expect(done.exit).toBe(exit)
    expect(done.err).toContain('is CUTOVER_URL the address')
  })

  it('gets no token by a redirect', async () => {
    const seen: (string | null)[] = []
    const target = await listen((request) => {
      seen.push(request.headers.get('authorization'))
      return Response.json([])
    })
    closers.push(target.close)
    const other = await stranger(() => new Response(null, { status: 307, headers: { Location: target.url } }))
    expect((await cutover(other, 'look')).exit).toBe(1)
    expect(seen).toStrictEqual([])
  })
})

describe('no server', () => {
  it('is code 4 with the address, without what is secret in it', async () => {
    const gone = await listen(() => new Response())
    await gone.close()
    const url = gone.url.replace('http://', 'http://user:password@')
    const done = await cutover({ url: `${url}/base/?key=private` }, ...paint('a'))
    expect(done.exit).toBe(4)
    expect(done.err).toContain(`No answer from ${gone.url}/base (ECONNREFUSED).`)
    expect(done.err).not.toMatch(/password|private|not known/)
  })

  it('after the request was sent leaves the outcome of a change unknown, and says so', async () => {
    const broken = createServer((socket) => socket.on('data', () => socket.destroy()))
    const port = await new Promise<number>((resolve) => {
      broken.listen(0, '127.0.0.1', () => resolve((broken.address() as { port: number }).port))
    })
    closers.push(() => new Promise((done) => broken.close(() => done())))
    const url = `http://127.0.0.1:${port}`
    const change = await cutover({ url }, ...paint('a'), '--json')
    expect([change.exit, JSON.parse(change.out)]).toMatchObject([4, { error: { code: 'outcome-unknown' } }])
    const read = await cutover({ url }, 'look', '--json')
    expect([read.exit, JSON.parse(read.out)]).toMatchObject([4, { error: { code: 'unavailable' } }])
  })
})

describe('a wrong environment', () => {
  it.each(['localhost:3000', 'ftp://a', 'http://', 'http://u:hidden@[', '/path'])(
    'with the URL %s is code 2',
    async (url) => {
      const done = await cutover({ url }, 'look')
      expect(done.exit).toBe(2)
      expect(done.err).toContain('CUTOVER_URL')
      expect(done.err).not.toContain('hidden')
    },
  )

  it.each(['two words', 'line\n', 'é'])('with the token %j is code 2 and names the variable', async (token) => {
    const done = await cutover({ ...at, tokens: { operator: token } }, 'look')
    expect(done.exit).toBe(2)
    expect(done.err).toContain('CUTOVER_OPERATOR_TOKEN')
    expect(done.err).not.toContain(token)
  })

  it('that is empty means the server on this machine', async () => {
    const asked: string[] = []
    const fetch = async (url: unknown) => {
      asked.push(String(url))
      return Response.json([])
    }
    await cutover({ url: '', tokens: {}, parts: { fetch: fetch as typeof globalThis.fetch } }, 'look')
    expect(asked).toStrictEqual(['http://127.0.0.1:3000/api/migration/toys'])
  })
})

describe('a fault of our own', () => {
  it('shows its name, and neither message nor stack', async () => {
    const clock = { monotonic: () => 0, sleep: () => Promise.reject(new RangeError('inner secret')) }
    const running = { id: 'r', kind: 'copy', collection: 'toys', status: 'running', counters: {}, reason: null }
    server.toys.runs = [{ ...running, progress: { done: 0, total: null, perSecond: null, secondsLeft: null } }]
    const done = await cutover({ ...at, parts: { clock } }, 'follow', 'r')
    expect(done.exit).toBe(1)
    expect(done.err).toContain('(RangeError)')
    expect(done.err).not.toMatch(/inner secret|\n\s+at /)
  })
})
