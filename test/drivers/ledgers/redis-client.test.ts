import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { redisClient } from '../../../lib/drivers/redis/client.js'

interface Seen {
  url: string | undefined
  headers: IncomingHttpHeaders
  body: unknown
}

const closing: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A server that answers as `answer` says and remembers what it was asked. */
async function serve(answer: (seen: Seen, response: ServerResponse, nth: number) => void) {
  const asked: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const seen = { url: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) }
      asked.push(seen)
      answer(seen, response, asked.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    asked,
    url,
    client: (timeoutMs?: number) =>
      redisClient({ url, token: 'secret-token', ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function faultOf(answer: Promise<unknown>): Promise<CutoverError> {
  const fault = await answer.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(fault instanceof CutoverError)) throw new Error('expected a CutoverError')
  return fault
}

function everything(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return `${error.message} ${JSON.stringify(error)} ${error.cause === undefined ? '' : everything(error.cause)}`
}

test('a command is one plain request, and its strings come back as they are', async () => {
  const { client, asked } = await serve((_, response) =>
    json(response, 200, { result: ['42', 'null', '"q"', '\ufeffx', 7, null] }),
  )
  expect(await client().command(['MGET', 'a', 1])).toEqual(['42', 'null', '"q"', '\ufeffx', 7, null])
  expect(asked).toHaveLength(1)
  expect(asked[0]?.body).toEqual(['MGET', 'a', 1])
  expect(asked[0]?.headers.authorization).toBe('Bearer secret-token')
  expect(
    Object.keys(asked[0]?.headers ?? {}).filter(
      (name) => /telemetry|encoding$/.test(name) && name.startsWith('upstash'),
    ),
  ).toEqual([])
})

test('calls of one tick are separate requests', async () => {
  const { client, asked } = await serve((_, response) => json(response, 200, { result: 'OK' }))
  const redis = client()
  await Promise.all([redis.command(['SET', 'a', '1']), redis.command(['GET', 'a']), redis.command(['SET', 'b', '2'])])
  expect(asked.map(({ url }) => url)).toEqual(['/', '/', '/'])
})

test('a lost answer is unavailable, and nothing is sent twice', async () => {
  const { client, asked } = await serve((_, response) => void response.destroy())
  const fault = await faultOf(client().command(['INCR', 'a-key']))
  expect(fault.code).toBe('unavailable')
  expect(asked).toHaveLength(1)
})

test('a late answer is unavailable, also when only its body is late', async () => {
  const silent = await serve(() => {})
  expect((await faultOf(silent.client(50).command(['GET', 'a']))).code).toBe('unavailable')
  const slow = await serve((_, response) => void response.writeHead(200).write('{"result":'))
  expect((await faultOf(slow.client(50).command(['GET', 'a']))).code).toBe('unavailable')
})

test('a server that is gone is unavailable', async () => {
  const { client } = await serve(() => {})
  const redis = client()
  for (const close of closing.splice(0)) await close()
  expect((await faultOf(redis.command(['GET', 'a']))).code).toBe('unavailable')
})

test.each([
  [502, '<html>bad gateway'],
  [200, '<html>welcome'],
  [200, 'null'],
  [200, '{}'],
  [200, '[]'],
  [500, '{"error":"Internal Server Error"}'],
  [500, '{}'],
  [500, 'null'],
  [200, ''],
])('an answer that is no Redis reply is unavailable: %i %s', async (status, body) => {
  const { client } = await serve((_, response) => void response.writeHead(status).end(body))
  expect((await faultOf(client().command(['SET', 'k', 'v']))).code).toBe('unavailable')
  expect((await faultOf(client().pipeline([['SET', 'k', 'v']]))).code).toBe('unavailable')
  expect((await faultOf(client().script('return 1').run(['k'], []))).code).toBe('unavailable')
})

test.each([
  [400, 'WRONGTYPE Operation against a key holding the wrong kind of value', 'internal'],
  [400, "ERR unknown command 'FOO', with args beginning with: 'the-key' 'the-value' ", 'internal'],
  [400, 'ERR user_script:7: attempt to index a nil value script: abc, on @user_script:7.', 'internal'],
  [400, "ERR wrong number of arguments for 'set' command", 'internal'],
  [400, 'ERR value is not an integer or out of range', 'internal'],
  [503, 'ERR upstream is restarting', 'unavailable'],
  [400, 'ERR max requests limit exceeded. Limit: 500000, Usage: 500007', 'unavailable'],
  [400, 'ERR max daily request limit exceeded', 'unavailable'],
  [400, 'ERR DB capacity quota exceeded', 'unavailable'],
  [400, "OOM command not allowed when used memory > 'maxmemory'.", 'unavailable'],
  [400, 'ERR Error running script (call to f_1): @user_script:3: -READONLY You can not write', 'unavailable'],
  [400, 'LOADING Redis is loading the dataset in memory', 'unavailable'],
  [400, 'MISCONF Redis is configured to save RDB snapshots', 'unavailable'],
  [401, 'WRONGPASS invalid or missing auth token', 'unavailable'],
  [400, 'ERR max request size exceeded. Limit: 10485760 bytes, Actual: 10485999 bytes', 'too-large'],
  [400, 'ERR max single record size exceeded', 'too-large'],
] as const)('a refusal is classed by its kind and tells no secret: %i %s', async (status, error, code) => {
  const { client } = await serve(({ url }, response) =>
    url === '/pipeline' ? json(response, 200, [{ error }]) : json(response, status, { error }),
  )
  const args = ['FOO', 'the-key', 'the-value OOM quota exceeded']
  const [reply] = await client().pipeline([args])
  const faults = [
    await faultOf(client().command(args)),
    await faultOf(client().script('return 1').run(['the-key'], ['the-value'])),
    reply !== undefined && 'error' in reply ? reply.error : null,
  ]
  for (const fault of faults) {
    expect(fault?.code).toBe(code)
    expect(everything(fault)).not.toMatch(/the-key|the-value|secret-token|return 1/)
  }
})

test('each command of a pipeline has its own reply, in order', async () => {
  const { client, asked } = await serve((_, response) =>
    json(response, 200, [{ result: '1' }, { error: 'WRONGTYPE no' }, { result: null }]),
  )
  const replies = await client().pipeline([
    ['GET', 'a'],
    ['LPUSH', 'a', 'x'],
    ['GET', 'b'],
  ])
  expect(replies).toEqual([{ result: '1' }, { error: expect.objectContaining({ code: 'internal' }) }, { result: null }])
  expect(asked.map(({ url }) => url)).toEqual(['/pipeline'])
})

test('a pipeline with too few replies is unavailable, an empty one asks nothing', async () => {
  const { client, asked } = await serve((_, response) => json(response, 200, [{ result: '1' }]))
  expect(await client().pipeline([])).toEqual([])
  expect(asked).toHaveLength(0)
  expect(
    (
      await faultOf(
        client().pipeline([
          ['GET', 'a'],
          ['GET', 'b'],
        ]),
      )
    ).code,
  ).toBe('unavailable')
})

test('a script is sent by its digest, and by its text when the server does not know it', async () => {
  const { client, asked } = await serve((_, response, nth) =>
    nth === 1
      ? json(response, 400, { error: 'NOSCRIPT No matching script. Please use EVAL.' })
      : json(response, 200, { result: nth }),
  )
  const script = client().script('return ARGV[1]')
  expect(await script.run(['k'], ['v'])).toBe(2)
  expect(await script.run(['k'], ['v'])).toBe(3)
  const digest = '098e0f0d1448c0a81dafe820f66d460eb09263da'
  expect(asked.map(({ body }) => body)).toEqual([
    ['EVALSHA', digest, 1, 'k', 'v'],
    ['EVAL', 'return ARGV[1]', 1, 'k', 'v'],
    ['EVALSHA', digest, 1, 'k', 'v'],
  ])
})

test.each([
  ['ftp://host', 'token'],
  ['not a url', 'token'],
  ['https://user:pass@host', 'token'],
  ['https://host.example', ''],
  ['https://host.example', 'to\nken'],
])('an address that cannot work is refused at once and not repeated: %j %j', (url, token) => {
  expect(() => redisClient({ url, token })).toThrow(expect.objectContaining({ code: 'configuration' }))
  try {
    redisClient({ url, token })
  } catch (error) {
    expect(everything(error)).not.toMatch(/user:pass|to\nken/)
  }
})

test('runs of one tick are one request where that is asked for, each with its own reply', async () => {
  const { client, asked } = await serve(({ url, body }, response) => {
    const commands = body as string[][]
    if (url !== '/pipeline') return json(response, 200, { result: 'alone' })
    json(
      response,
      200,
      commands.map(([, , , key]) => (key === 'bad' ? { error: 'WRONGTYPE of key' } : { result: key })),
    )
  })
  const script = client().script('return KEYS[1]', { together: true })
  const answers = await Promise.allSettled(['a', 'bad', 'c'].map((key) => script.run([key], [])))
  expect(answers).toMatchObject([{ value: 'a' }, { reason: { code: 'internal' } }, { value: 'c' }])
  expect(asked).toHaveLength(1)
  expect(await script.run(['d'], [])).toBe('alone')
  const large = ['e', 'f'].map((key) => script.run([key], ['x'.repeat(9_000)]))
  expect(await Promise.all(large)).toEqual(['alone', 'alone'])
})

test('a run that goes with others has its text sent when the server does not know it', async () => {
  const { client, asked } = await serve(({ url, body }, response) => {
    if (url === '/pipeline') return json(response, 200, [{ error: 'NOSCRIPT No script.' }, { result: 'known' }])
    json(response, 200, { result: (body as string[])[0] })
  })
  const script = client().script('return 1', { together: true })
  expect(await Promise.all([script.run(['a'], []), script.run(['b'], [])])).toEqual(['EVAL', 'known'])
  expect(asked).toHaveLength(2)
})

test.each([
  ['no answer', (response: ServerResponse) => response.destroy()],
  ['too few replies', (response: ServerResponse) => json(response, 200, [{ result: 1 }])],
  [
    'a refusal for its size',
    (response: ServerResponse) => json(response, 400, { error: 'ERR max request size exceeded' }),
  ],
])('%s to runs that go together leaves each of them in doubt', async (_, answer) => {
  const { client, asked } = await serve((_seen, response) => answer(response))
  const script = client().script('return 1', { together: true })
  const faults = await Promise.all([faultOf(script.run(['a'], [])), faultOf(script.run(['b'], []))])
  expect(faults.map(({ code }) => code)).toEqual(['unavailable', 'unavailable'])
  expect(asked).toHaveLength(1)
})
