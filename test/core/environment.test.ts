import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseEnvironment } from '../../lib/core/environment.js'
import { CutoverError } from '../../lib/core/error.js'

const REQUIRED = {
  UPSTASH_REDIS_REST_URL: 'https://redis.example.com',
  UPSTASH_REDIS_REST_TOKEN: 'redis-token',
  QSTASH_TOKEN: 'queue-token',
  QSTASH_CURRENT_SIGNING_KEY: 'current-key',
  QSTASH_NEXT_SIGNING_KEY: 'next-key',
  BLOB_READ_WRITE_TOKEN: 'blob-token',
  CUTOVER_PUBLIC_URL: 'https://cutover.example.com',
}

function faultsOf(env: { [name: string]: string }): string[] {
  try {
    parseEnvironment(env)
  } catch (error) {
    expect(error).toBeInstanceOf(CutoverError)
    if (!(error instanceof CutoverError)) throw error
    expect(error.code).toBe('configuration')
    const { faults } = error.details
    for (const fault of faults as string[]) expect(error.message).toContain(fault)
    return faults as string[]
  }
  return []
}

describe('an environment that is complete', () => {
  it('needs little, and has a default for the rest', () => {
    expect(parseEnvironment(REQUIRED)).toEqual({
      redis: {
        url: 'https://redis.example.com',
        token: 'redis-token',
        prefix: '',
        readReplicas: false,
        timeoutMs: 2_000,
      },
      queue: { url: undefined, token: 'queue-token', currentSigningKey: 'current-key', nextSigningKey: 'next-key' },
      source: { kind: 'blob', token: 'blob-token', apiUrl: undefined, readUrl: undefined },
      documents: 1,
      documentsKeptMb: 4,
      tokens: {},
      cronSecret: undefined,
      publicUrl: 'https://cutover.example.com',
      alertWebhookUrl: undefined,
      flagsSecret: undefined,
      environment: 'development',
      leaseMs: 5_000,
      compareShare: 0.01,
      recordShare: 0,
      meterFlushMs: 10_000,
      metricsBucketMs: 10_000,
      otlp: null,
      invocationMs: 50_000,
      mcp: { allowedHosts: ['*'], allowedOrigins: [] },
      failing: { breakers: true, commands: null, requestsMax: 512, cache: null, copiesWindowMs: 0 },
      switches: { useNewSystem: null, mode: null, backupValidation: null, autoRollback: null },
      backups: { dir: undefined, blob: undefined, keys: [] },
      logLevel: 'info',
    })
  })

  it('may say everything', () => {
    const settings = parseEnvironment({
      ...REQUIRED,
      CUTOVER_REDIS_PREFIX: 'app:',
      CUTOVER_REDIS_READ_REPLICAS: 'true',
      CUTOVER_REDIS_TIMEOUT_MS: '500',
      QSTASH_URL: 'https://qstash.example.com',
      VERCEL_BLOB_API_URL: 'http://127.0.0.1:1/api/blob',
      CUTOVER_BLOB_READ_URL: 'http://127.0.0.1:1/read',
      CUTOVER_DOCUMENTS: '8',
      CUTOVER_DOCUMENTS_KEPT_MB: '64',
      CUTOVER_API_TOKEN: 'api-token-16-long',
      CUTOVER_ADMIN_TOKEN: 'admin-token-16-long',
      CUTOVER_OPERATOR_TOKEN: 'operator-token-16-long',
      CUTOVER_VIEWER_TOKEN: 'viewer-token-16-long',
      CRON_SECRET: ' cron-secret-16-long ',
      CUTOVER_PUBLIC_URL: 'https://cutover.example.com//',
      CUTOVER_ALERT_WEBHOOK_URL: 'https://alerts.example.com/hook',
      CUTOVER_LEAVE_BEHIND: 'false',
      CUTOVER_COMPARE_SHARE: '1',
      CUTOVER_RECORD_SHARE: '0.5',
      CUTOVER_METER_FLUSH_MS: '50',
      CUTOVER_INVOCATION_MS: '280000',
      CUTOVER_MCP_ALLOWED_HOSTS: 'a.example.com, b.example.com:8080,',
      CUTOVER_MCP_ALLOWED_ORIGINS: 'https://c.example.com',
    })
    expect(settings).toMatchObject({
      redis: { prefix: 'app:', readReplicas: true, timeoutMs: 500 },
      queue: { url: 'https://qstash.example.com' },
      source: { kind: 'blob', apiUrl: 'http://127.0.0.1:1/api/blob', readUrl: 'http://127.0.0.1:1/read' },
      documents: 8,
      documentsKeptMb: 64,
      tokens: {
        api: 'api-token-16-long',
        admin: 'admin-token-16-long',
        operator: 'operator-token-16-long',
        viewer: 'viewer-token-16-long',
      },
      cronSecret: 'cron-secret-16-long',
      publicUrl: 'https://cutover.example.com',
      alertWebhookUrl: 'https://alerts.example.com/hook',
      leaseMs: null,
      compareShare: 1,
      recordShare: 0.5,
      invocationMs: 280_000,
      mcp: { allowedHosts: ['a.example.com', 'b.example.com:8080'], allowedOrigins: ['https://c.example.com'] },
    })
  })

  it('may name a collector of metrics, by an address of its own or the common one', () => {
    const common = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example.com/',
      OTEL_EXPORTER_OTLP_HEADERS: 'X-Key=a%20b, y=',
    }
    const headers = { 'x-key': 'a b', y: '' }
    expect(parseEnvironment({ ...REQUIRED, ...common }).otlp).toEqual({
      url: 'https://otel.example.com/v1/metrics',
      headers,
    })
    const own = { ...common, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://metrics.example.com/x' }
    expect(parseEnvironment({ ...REQUIRED, ...own }).otlp).toEqual({ url: 'https://metrics.example.com/x', headers })
  })

  it("may use the names of Vercel's integration, which come second", () => {
    const { UPSTASH_REDIS_REST_URL: _, UPSTASH_REDIS_REST_TOKEN: __, ...rest } = REQUIRED
    const integration = { KV_REST_API_URL: 'https://kv.example.com', KV_REST_API_TOKEN: 'kv-token' }
    expect(parseEnvironment({ ...rest, ...integration }).redis).toMatchObject({
      url: 'https://kv.example.com',
      token: 'kv-token',
    })
    expect(parseEnvironment({ ...REQUIRED, ...integration }).redis).toMatchObject({ token: 'redis-token' })
  })

  it('may have its documents in a folder; Blob comes first', () => {
    const { BLOB_READ_WRITE_TOKEN: _, ...rest } = REQUIRED
    const dir = { CUTOVER_SOURCE_DIR: 'data/documents' }
    expect(parseEnvironment({ ...rest, ...dir }).source).toEqual({ kind: 'files', dir: 'data/documents' })
    expect(parseEnvironment({ ...REQUIRED, ...dir }).source.kind).toBe('blob')
  })

  it('is told its address by Vercel where it does not say one', () => {
    const { CUTOVER_PUBLIC_URL: _, ...rest } = REQUIRED
    expect(parseEnvironment({ ...rest, VERCEL_URL: 'cutover-1.vercel.app' }).publicUrl).toBe(
      'https://cutover-1.vercel.app',
    )
    const both = { ...rest, VERCEL_URL: 'cutover-1.vercel.app', VERCEL_PROJECT_PRODUCTION_URL: 'cutover.vercel.app' }
    expect(parseEnvironment({ ...both, VERCEL_ENV: 'production' }).publicUrl).toBe('https://cutover.vercel.app')
    // A preview's jobs are its own affair.
    expect(parseEnvironment({ ...both, VERCEL_ENV: 'preview' }).publicUrl).toBe('https://cutover-1.vercel.app')
    const own = { ...REQUIRED, VERCEL_URL: 'cutover-1.vercel.app' }
    expect(parseEnvironment(own).publicUrl).toBe('https://cutover.example.com')
  })
})

describe('an environment with faults', () => {
  it('is refused with every fault at once', () => {
    expect(faultsOf({})).toEqual([
      'UPSTASH_REDIS_REST_URL or KV_REST_API_URL is missing.',
      'UPSTASH_REDIS_REST_TOKEN or KV_REST_API_TOKEN is missing.',
      'QSTASH_TOKEN is missing.',
      'QSTASH_CURRENT_SIGNING_KEY is missing.',
      'QSTASH_NEXT_SIGNING_KEY is missing.',
      'BLOB_READ_WRITE_TOKEN is missing (or set CUTOVER_SOURCE_DIR to a folder of JSON documents).',
      'CUTOVER_PUBLIC_URL is missing.',
    ])
  })

  it('is told blank values as missing ones', () => {
    expect(faultsOf({ ...REQUIRED, QSTASH_TOKEN: '', BLOB_READ_WRITE_TOKEN: '  ' })).toHaveLength(2)
  })

  it.each([
    ['UPSTASH_REDIS_REST_URL', 'redis://secret-value', 'is not an http(s) address.'],
    ['CUTOVER_PUBLIC_URL', 'secret-value', 'is not an http(s) address.'],
    ['CUTOVER_ALERT_WEBHOOK_URL', 'https://', 'is not an http(s) address.'],
    ['CUTOVER_ALERT_WEBHOOK_SECRET', 'whsec_short', 'must be "whsec_" and 24 to 64 random bytes in base64.'],
    ['VERCEL_BLOB_API_URL', 'https://secret-value:port/', 'is not an http(s) address.'],
    ['CUTOVER_BLOB_READ_URL', 'secret-value', 'is not an http(s) address.'],
    ['CUTOVER_DOCUMENTS', '0', 'must be a number from 1 to 1000'],
    ['CUTOVER_DOCUMENTS', '1.5', 'must be a whole number.'],
    ['CUTOVER_LOG', 'secret-value', 'must be one of silent, error, info, debug.'],
    ['QSTASH_URL', 'secret-value', 'is not an http(s) address.'],
    ['CUTOVER_REDIS_TIMEOUT_MS', 'secret-value', 'must be a number from 50 to 60000'],
    ['CUTOVER_COMPARE_SHARE', '1.1', 'must be a number from 0 to 1'],
    ['CUTOVER_METER_FLUSH_MS', '49', 'must be a number from 50 to 600000'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'secret-value', 'is not an http(s) address.'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret-value', 'is not name=value'],
    ['CUTOVER_METRICS_BUCKET_MS', '9', 'must be a number from 10 to 600000'],
    ['CUTOVER_INVOCATION_MS', 'Infinity', 'must be a number from 1000 to 800000'],
    ['CUTOVER_LEASE_MS', '-5000', 'must be a number from 100 to 600000'],
    ['CUTOVER_LEAVE_BEHIND', 'secret-value', 'must be true or false.'],
    ['CUTOVER_REDIS_READ_REPLICAS', '1', 'must be true or false.'],
    ['CUTOVER_API_TOKEN', 'secret-value', 'is shorter than 16 characters.'],
    ['CUTOVER_ADMIN_TOKEN', 'secret-value', 'is shorter than 16 characters.'],
    ['FLAGS_SECRET', 'secret-value', 'is not 32 bytes in base64url.'],
  ])('names %s and not its value', (name, value, fault) => {
    const faults = faultsOf({ ...REQUIRED, [name]: value })
    expect(faults).toEqual([expect.stringContaining(`${name} ${fault}`)])
    expect(faults.join()).not.toContain('secret-value')
  })
})

describe('.env.example', () => {
  const root = join(import.meta.dirname, '../..')
  const text = readFileSync(join(root, '.env.example'), 'utf8')
  const lines = [...text.matchAll(/^(# )?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, mark, name = '', value = '']) => {
    return { name, value, optional: mark !== undefined }
  })
  /** Read elsewhere, and where. */
  const elsewhere = {
    VERCEL_BLOB_RETRIES: 'lib/drivers/documents/blob-sdk.ts',
    CUTOVER_URL: 'lib/cli/connection.ts',
    PORT: 'scripts/start.ts',
    CUTOVER_DATA_DIR: 'scripts/start.ts',
  }

  it('lists every variable that is read, once, and no other', () => {
    const read = new Set(Object.keys(elsewhere))
    const reading = (given: { [name: string]: string }) => {
      const get = (_: object, name: string): string | undefined => {
        read.add(name)
        return given[name]
      }
      return new Proxy<{ [name: string]: string }>({}, { get })
    }
    expect(() => parseEnvironment(reading({}))).toThrow(CutoverError)
    expect(() => parseEnvironment(reading({ BLOB_READ_WRITE_TOKEN: 'token' }))).toThrow(CutoverError)
    expect(lines.map(({ name }) => name).sort()).toEqual([...read].sort())
  })

  it('names what is read elsewhere only as long as it is', () => {
    for (const [name, file] of Object.entries(elsewhere)) {
      expect(readFileSync(join(root, file), 'utf8'), file).toContain(name)
    }
  })

  it('shows the defaults as they are', () => {
    const shown = lines.filter(
      ({ optional, value, name }) => optional && value !== '' && !Object.hasOwn(elsewhere, name),
    )
    expect(shown.length).toBeGreaterThan(5)
    const env = Object.fromEntries(shown.map(({ name, value }) => [name, value]))
    expect(parseEnvironment({ ...REQUIRED, ...env })).toEqual(parseEnvironment(REQUIRED))
  })

  it('holds no secret, and turns off what the Blob SDK repeats', () => {
    for (const { name, value } of lines) if (/TOKEN|SECRET|KEY/.test(name)) expect([name, value]).toEqual([name, ''])
    expect(lines).toContainEqual({ name: 'VERCEL_BLOB_RETRIES', value: '0', optional: false })
  })
})
