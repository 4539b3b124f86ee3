import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { verbArguments } from '../../lib/cli/arguments.js'
import { type CliParts, runCli } from '../../lib/cli/cli.js'
import { connectionOf } from '../../lib/cli/connection.js'
import { verbOf } from '../../lib/cli/verb.js'
import { commands } from '../../lib/commands/index.js'
import { parseEnvironment } from '../../lib/core/environment.js'
import { isJsonObject, type JsonObject } from '../../lib/core/json.js'
import { checkPlan } from '../../lib/core/plan/check.js'
import type { MigrationPlan } from '../../lib/core/plan/plan.js'
import { theWeek } from '../../lib/core/plan/the-week.js'
import { defineMigration } from '../../lib/define.js'
import { redisLayout } from '../../lib/drivers/stores/redis/layout.js'
import { parseValidateInput } from '../../lib/engine/validate/run-input.js'
import { readText } from '../../lib/http/body.js'
import { checkReadCondition, isNotModified, writeCondition } from '../../lib/http/preconditions.js'
import { documentName } from '../../lib/wire/documents.js'
import { hostileValue, mutatedBytes, mutatedJson } from './json.js'
import { attempt, attemptAsync, expectCode, expectUnpolluted } from './judge.js'
import { holds, holdsAsync } from './law.js'
import { hostileHeader, hostileText } from './texts.js'

const SECRET = 'value-4242-never-shown'

const ENVIRONMENT = {
  UPSTASH_REDIS_REST_URL: 'https://redis.example.com',
  UPSTASH_REDIS_REST_TOKEN: 'redis-token-redis-token',
  QSTASH_TOKEN: 'queue-token',
  QSTASH_CURRENT_SIGNING_KEY: 'current-key',
  QSTASH_NEXT_SIGNING_KEY: 'next-key',
  BLOB_READ_WRITE_TOKEN: 'blob-token',
  CUTOVER_PUBLIC_URL: 'https://cutover.example.com',
}
const NAMES = [
  ...Object.keys(ENVIRONMENT),
  ...['CUTOVER_DOCUMENTS', 'CUTOVER_LEASE_MS', 'CUTOVER_COMPARE_SHARE', 'CUTOVER_LOG', 'CUTOVER_REDIS_READ_REPLICAS'],
  ...['CUTOVER_API_TOKEN', 'CUTOVER_ADMIN_TOKEN', 'CRON_SECRET', 'CUTOVER_MCP_ALLOWED_HOSTS', 'QSTASH_URL'],
  ...['CUTOVER_REDIS_TIMEOUT_MS', 'CUTOVER_INVOCATION_MS', 'CUTOVER_METER_FLUSH_MS', 'CUTOVER_LEAVE_BEHIND'],
]

test('environment: complete settings, or one error that names variables and repeats no value', () => {
  const value = fc.oneof(
    hostileText,
    hostileText.map((text) => `${SECRET}${text}`),
    fc.double().map(String),
  )
  const env = fc.tuple(fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 6 }), fc.boolean())
  holds(env, 1_000, ([given, complete]) => {
    const tried = attempt(() => parseEnvironment({ ...(complete ? ENVIRONMENT : {}), ...given }))
    expectCode(tried, 'configuration')
    if (tried.kind === 'refused') {
      expect(JSON.stringify([tried.error.message, tried.error.details])).not.toContain(SECRET)
      return
    }
    const { documents, leaseMs, compareShare, redis, meterFlushMs, invocationMs } = tried.value
    for (const number of [documents, leaseMs ?? 0, compareShare, redis.timeoutMs, meterFlushMs, invocationMs]) {
      expect(Number.isFinite(number)).toBe(true)
    }
    expect(URL.canParse(`${tried.value.publicUrl}/mcp`)).toBe(true)
  })
})

test('connection of the command line: an address that is safe to show, or an error without it', () => {
  const url = fc.oneof(
    hostileText,
    hostileText.map((text) => `http://user:${SECRET}@host/${text}`),
  )
  holds(fc.tuple(url, hostileText), 1_000, ([address, token]) => {
    const tried = attempt(() => connectionOf({ CUTOVER_URL: address, CUTOVER_ADMIN_TOKEN: `${SECRET}${token}` }))
    expectCode(tried, 'configuration')
    const shown = tried.kind === 'refused' ? [tried.error.message, tried.error.details] : tried.value.url
    expect(JSON.stringify(shown)).not.toContain(SECRET)
  })
})

const word = fc.oneof(
  hostileText,
  fc.constantFrom('--reason', '--to', '--to=live', '--rollout-percent', '--rollout-percent=1e3', '--yes', '--', '-'),
  fc.constantFrom(
    '--json',
    '--value',
    '--value="a"',
    '--value=true',
    '--value=1e400',
    '--ids=[1,2',
    '--ids',
    '--no-wait',
  ),
  fc.constantFrom(
    '--steps',
    '--steps=@file',
    '--steps={"__proto__":1}',
    '--__proto__',
    '--__proto__=1',
    '--constructor',
  ),
  fc.constantFrom('--limit=9007199254740993', '--limit=-0', '--collections=a,,b', '--dry-run=maybe', '-x', '---'),
)
const typed = fc.array(word, { maxLength: 6 })

test('arguments of every verb: input that its schema takes, or invalid-input without a value in it', async () => {
  const verbs = commands.map(verbOf)
  const readFile = async (): Promise<string> => `{"a":"${SECRET}",`
  await holdsAsync(fc.tuple(fc.nat({ max: verbs.length - 1 }), typed), 600, async ([at, args]) => {
    const verb = verbs[at]
    if (verb === undefined) return
    const tried = await attemptAsync(() => verbArguments(verb, [...args, `--reason=${SECRET}`], readFile))
    expectCode(tried, 'invalid-input')
    if (tried.kind === 'taken') expect(verb.command.input.safeParse(tried.value.input).success).toBe(true)
    else expect(tried.error.message).not.toContain(SECRET)
  })
  expectUnpolluted()
})

test('the command line: an exit code for everything that is typed, and nothing that steers the terminal', async () => {
  const verb = fc.oneof(word, fc.constantFrom('help', 'follow', ...commands.map(({ name }) => name)))
  await holdsAsync(fc.tuple(verb, typed), 150, async ([first, args]) => {
    const texts: string[] = []
    const out = { isTTY: false, columns: 80, write: (piece: string) => void texts.push(piece) }
    const parts: CliParts = {
      commands,
      env: { CUTOVER_URL: 'http://127.0.0.1:1', CUTOVER_ADMIN_TOKEN: SECRET },
      terminal: { out, err: out, interactive: false, ask: async () => 'n' },
      clock: { monotonic: () => 0, sleep: async () => {} },
      fetch: async () => Response.json({ kind: 'refused', reason: '\u001b[2J\u0007' }, { status: 409 }),
      readFile: async () => '{}',
      version: '1',
    }
    expect([0, 1, 2, 3, 4]).toContain(await runCli([first, ...args], parts))
    const text = texts.join('')
    expect(text).not.toContain(SECRET)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
  })
})

const WEEK = JSON.parse(JSON.stringify(theWeek(['projects'], { name: 'w', timeScale: 1 }))) as JsonObject

test('plans: one that can be carried out in finite time, or invalid-input', () => {
  const command = commands.find(({ name }) => name === 'start-plan')
  const plan = mutatedJson(fc.constant({ ...WEEK, reason: 'r' } as JsonObject))
  holds(plan, 300, (text) => {
    const judged = command?.input.safeParse(parsedOrNull(text))
    if (judged?.success !== true) return
    const { collections = ['projects'], ...given } = judged.data as Partial<MigrationPlan>
    const tried = attempt(() => checkPlan({ steps: [], ...given, collections } as MigrationPlan))
    expectCode(tried, 'invalid-input')
    if (tried.kind === 'refused') return
    for (const { soakMs } of tried.value.steps) {
      expect(Number.isFinite(soakMs / tried.value.timeScale)).toBe(true)
      expect(Number.isFinite(new Date(1_800_000_000_000 + soakMs).getTime())).toBe(true)
    }
  })
})

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

test('input of validations: what it says, or invalid-input', () => {
  const input = mutatedJson(fc.constant({ repair: true, redact: ['$.a'], mismatchesKept: 5, zeroLoss: false }))
  holds(input, 1_000, (text) => {
    const parsed = parsedOrNull(text)
    if (!isJsonObject(parsed)) return
    const tried = attempt(() => parseValidateInput(parsed as JsonObject))
    expectCode(tried, 'invalid-input')
    if (tried.kind === 'taken') expect(tried.value.mismatchesKept).toBeLessThanOrEqual(1_000)
  })
})

test('conditions in headers: a condition that a version can meet, or a refusal', () => {
  const named = fc.constantFrom('If-Match', 'If-None-Match')
  holds(fc.array(fc.tuple(named, hostileHeader), { maxLength: 3 }), 2_000, (pairs) => {
    const headers = new Headers()
    for (const [name, value] of pairs) if (attemptHeader(headers, name, value) === 'refused') return
    const written = attempt(() => writeCondition(headers))
    expectCode(written, 'invalid-input', 'precondition-failed')
    if (written.kind === 'taken' && written.value?.kind === 'if-match') {
      const { etag } = written.value
      // A bare star means any version; a quoted one must never become it.
      expect(etag === '*').toBe(headers.get('if-match')?.trim() === '*')
    }
    for (const read of [attempt(() => isNotModified(headers, '7')), attempt(() => checkReadCondition(headers, '7'))]) {
      expectCode(read, 'invalid-input', 'precondition-failed')
    }
  })
})

function attemptHeader(headers: Headers, name: string, value: string): 'set' | 'refused' {
  try {
    headers.append(name, value)
    return 'set'
  } catch {
    return 'refused'
  }
}

test('bodies: exactly the text that the bytes say, or a refusal; however they are cut and whatever length they claim', async () => {
  const cut = fc.array(fc.nat({ max: 100 }), { maxLength: 5 })
  const length = fc.option(fc.constantFrom('0', '-1', '1e9', 'NaN', '5', '99999999999', '0x10'), { nil: undefined })
  const sent = fc.tuple(mutatedBytes(mutatedJson(hostileValue)), cut, length)
  await holdsAsync(sent, 1_000, async ([bytes, cuts, claimed]) => {
    const pieces = cuts.toSorted((a, b) => a - b).map((at, number, all) => bytes.slice(all[number - 1] ?? 0, at))
    const rest = bytes.slice(cuts.toSorted((a, b) => a - b).at(-1) ?? 0)
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of [...pieces, rest]) if (piece.length > 0) controller.enqueue(piece)
        controller.close()
      },
    })
    const headers: { [name: string]: string } = claimed === undefined ? {} : { 'content-length': claimed }
    const init = { method: 'PUT', body, headers, duplex: 'half' } as RequestInit
    const tried = await attemptAsync(() => readText(new Request('http://cutover.test/', init), 5_000))
    expectCode(tried, 'invalid-input', 'too-large')
    if (bytes.length > 5_000) expect(tried.kind).toBe('refused')
    if (tried.kind === 'refused') return
    const plain = Buffer.from(bytes)
    const text = plain.subarray(plain.indexOf('\ufeff') === 0 ? 3 : 0)
    expect(Buffer.from(tried.value).equals(text)).toBe(true)
  })
})

test('definitions: collections that cannot meet in any store or tool, or a configuration error', () => {
  const name = fc.constantFrom(
    'projects',
    'a',
    'a-0',
    'a-1',
    'cutover',
    'm',
    'runs',
    'x'.repeat(300),
    '',
    'A',
    '1a',
    'a\n',
  )
  const definition = fc.record({
    name: fc.oneof(name, hostileText),
    singular: fc.oneof(fc.constantFrom('project', 'a', 'b', 'x_1', 'A', ''), hostileText),
    schema: fc.constant(z.looseObject({})),
    documents: fc.oneof(fc.nat({ max: 5 }), fc.constantFrom(Number.NaN, 0.5, Number.POSITIVE_INFINITY, -1, 1_001)),
  })
  holds(fc.array(definition, { maxLength: 4 }), 1_000, (collections) => {
    const tried = attempt(() => defineMigration({ collections }))
    expectCode(tried, 'configuration')
    if (tried.kind === 'refused') return
    const taken = tried.value.collections
    const documents = taken.flatMap(({ name: collection, documents: count = 1 }) =>
      Array.from({ length: count }, (_, number) => documentName(collection, number, count)),
    )
    expect(new Set(documents).size).toBe(documents.length)
    for (const members of [taken.map((of) => of.name), taken.map((of) => of.singular)]) {
      expect(new Set(members).size).toBe(members.length)
    }
    const guards = taken.flatMap((of) => [redisLayout(of.name).fence(0), redisLayout(of.name).tombstones])
    for (const { name: collection } of taken) {
      for (const guard of guards) expect(guard.startsWith(redisLayout(collection).value(''))).toBe(false)
    }
    for (const document of documents) expect(document.length).toBeLessThanOrEqual(200)
  })
})
