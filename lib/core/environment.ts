import { CutoverError } from './error.js'
import { contradictionIn, SWITCH_MODES, type Switches } from './switches.js'

/** What a deployment is told by its environment, read once. Every name is in `.env.example`. */
export interface Settings {
  redis: { url: string; token: string; prefix: string; readReplicas: boolean; timeoutMs: number }
  queue: { url: string | undefined; token: string; currentSigningKey: string; nextSigningKey: string }
  source: { kind: 'files'; dir: string } | ({ kind: 'blob' } & BlobPlace)
  /** Documents that a collection is spread over. Fixed once there are records. */
  documents: number
  /** Mebibytes of text of documents that a process keeps parsed. */
  documentsKeptMb: number
  tokens: { api?: string; admin?: string; operator?: string; viewer?: string }
  cronSecret: string | undefined
  /** 32 bytes in base64url, which Vercel's toolbar proves itself with; absent: its endpoint is shut. */
  flagsSecret: string | undefined
  /** Where this runs, for conditions of flags: `production`, `preview`, `development`, or a name of one's own. */
  environment: string
  /** Where the queue reaches this deployment; no slash at its end. */
  publicUrl: string
  alertWebhookUrl: string | undefined
  /** Messages to it are signed with this; `whsec_` and base64. */
  alertWebhookSecret: string | undefined
  /** `null`: a lost store is never left behind by itself. */
  leaseMs: number | null
  /** Share of reads that are compared with the other store after the answer, 0 to 1. */
  compareShare: number
  /** Share of the requests for records that are recorded for checkpoints, 0 to 1; see docs/checkpoints.md. */
  recordShare: number
  /** How long traffic counts are gathered before they are written, in milliseconds. */
  meterFlushMs: number
  /** Width of the finest buckets of metrics, in milliseconds. */
  metricsBucketMs: number
  /** Where metrics are told by the OpenTelemetry protocol. */
  otlp: { url: string; headers: { [name: string]: string } } | null
  /** Budget of one invocation where the platform tells no deadline, in milliseconds. */
  invocationMs: number
  mcp: { allowedHosts: string[]; allowedOrigins: string[] }
  failing: FailingSettings
  switches: Switches
  /** Where back-ups lie, if not beside the source's documents; and keys in base64: the first seals, any opens. */
  backups: { dir: string | undefined; blob: BlobPlace | undefined; keys: string[] }
  /** Least severe event that is written; `silent` writes none. */
  logLevel: LogLevel
}

export interface BlobPlace {
  token: string
  /** Another API than Vercel's, and where its documents are read. */
  apiUrl: string | undefined
  readUrl: string | undefined
}

export const LOG_LEVELS = ['silent', 'error', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

type Environment = { readonly [name: string]: string | undefined }

/** Reads the environment; one error names every fault. Values are never repeated in it. */
export function parseEnvironment(env: Environment): Settings {
  const faults: string[] = []
  const read = reader(env, faults)
  const settings: Settings = {
    redis: {
      url: read.url('UPSTASH_REDIS_REST_URL', 'KV_REST_API_URL') ?? '',
      token: read.required('UPSTASH_REDIS_REST_TOKEN', 'KV_REST_API_TOKEN'),
      prefix: read.text('CUTOVER_REDIS_PREFIX') ?? '',
      readReplicas: read.flag('CUTOVER_REDIS_READ_REPLICAS', false),
      timeoutMs: read.number('CUTOVER_REDIS_TIMEOUT_MS', 2_000, 50, 60_000),
    },
    queue: {
      url: read.optionalUrl('QSTASH_URL'),
      token: read.required('QSTASH_TOKEN'),
      currentSigningKey: read.required('QSTASH_CURRENT_SIGNING_KEY'),
      nextSigningKey: read.required('QSTASH_NEXT_SIGNING_KEY'),
    },
    source: readSource(read),
    documents: read.whole('CUTOVER_DOCUMENTS', 1, 1, 1_000),
    documentsKeptMb: read.whole('CUTOVER_DOCUMENTS_KEPT_MB', 4, 1, 1_024),
    tokens: readTokens(read),
    cronSecret: readSecret(read, 'CRON_SECRET'),
    flagsSecret: readFlagsSecret(read),
    environment: read.text('CUTOVER_ENVIRONMENT', 'VERCEL_ENV') ?? 'development',
    publicUrl: publicUrlOf(read, env),
    alertWebhookUrl: read.optionalUrl('CUTOVER_ALERT_WEBHOOK_URL'),
    alertWebhookSecret: readWebhookSecret(read),
    leaseMs: read.flag('CUTOVER_LEAVE_BEHIND', true) ? read.number('CUTOVER_LEASE_MS', 5_000, 100, 600_000) : null,
    compareShare: read.number('CUTOVER_COMPARE_SHARE', 0.01, 0, 1),
    recordShare: read.number('CUTOVER_RECORD_SHARE', 0, 0, 1),
    meterFlushMs: read.number('CUTOVER_METER_FLUSH_MS', 10_000, 50, 600_000),
    metricsBucketMs: read.whole('CUTOVER_METRICS_BUCKET_MS', 10_000, 10, 600_000),
    invocationMs: read.number('CUTOVER_INVOCATION_MS', 50_000, 1_000, 800_000),
    mcp: {
      allowedHosts: read.list('CUTOVER_MCP_ALLOWED_HOSTS', ['*']),
      allowedOrigins: read.list('CUTOVER_MCP_ALLOWED_ORIGINS', []),
    },
    otlp: readOtlp(read),
    failing: readFailing(read),
    switches: readSwitches(read),
    backups: {
      dir: read.text('CUTOVER_BACKUP_DIR'),
      blob: readBlob(read, 'CUTOVER_BACKUP_BLOB_TOKEN'),
      keys: readKeys(read),
    },
    logLevel: read.choice('CUTOVER_LOG', 'info', LOG_LEVELS),
  }
  if (faults.length === 0) return settings
  throw new CutoverError('configuration', `The environment is not complete. ${faults.join(' ')}`, {
    details: { faults },
  })
}

/** What keeps trouble small, and the load within bounds. */
export interface FailingSettings {
  /** A store that does not answer is left alone until a probe succeeds. */
  breakers: boolean
  /** Redis commands a second of one instance; `null`: no limit. `burst`: at once, after a pause. */
  commands: { perSecondMax: number; burst: number; waitMs: number } | null
  /** Requests to each store that one instance has under way at once, and as many times four may wait. */
  requestsMax: number
  /** `null`: no cache. Milliseconds that an entry is kept, and how many are. */
  cache: { ms: number; entries: number } | null
  /** How long copies to the other store are gathered after the acknowledgement, in milliseconds. */
  copiesWindowMs: number
}

function readFailing(read: Reader): FailingSettings {
  const perSecondMax = read.number('CUTOVER_COMMANDS_PER_SECOND_MAX', 0, 0, 1_000_000)
  const burst = read.whole('CUTOVER_COMMANDS_BURST', Math.max(1, Math.ceil(perSecondMax)), 1, 1_000_000)
  const waitMs = read.number('CUTOVER_COMMANDS_WAIT_MS', 1_000, 0, 10_000)
  const ms = read.number('CUTOVER_CACHE_MS', 0, 0, 60_000)
  const entries = read.whole('CUTOVER_CACHE_ENTRIES', 1_000, 1, 1_000_000)
  return {
    breakers: read.flag('CUTOVER_BREAKERS', true),
    commands: perSecondMax === 0 ? null : { perSecondMax, burst, waitMs },
    requestsMax: read.whole('CUTOVER_STORE_REQUESTS_MAX', 512, 1, 100_000),
    cache: ms === 0 ? null : { ms, entries },
    copiesWindowMs: read.number('CUTOVER_COPIES_WINDOW_MS', 0, 0, 1_000),
  }
}

/** As OpenTelemetry has it: an address of its own, or a common one, and headers as `name=value` with commas between. */
function readOtlp(read: Reader): Settings['otlp'] {
  const own = read.optionalUrl('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT')
  const common = read.optionalUrl('OTEL_EXPORTER_OTLP_ENDPOINT')
  const headers: { [name: string]: string } = {}
  for (const pair of read.list('OTEL_EXPORTER_OTLP_HEADERS', [])) {
    const [, name, value] = /^([\w-]+)\s*=\s*([\x20-\x7e]*)$/.exec(pair) ?? []
    if (name === undefined || value === undefined)
      read.fault('OTEL_EXPORTER_OTLP_HEADERS', 'is not name=value,name=value')
    else headers[name.toLowerCase()] = unescaped(value)
  }
  const url = own ?? (common === undefined ? undefined : `${common.replace(/\/+$/, '')}/v1/metrics`)
  return url === undefined ? null : { url, headers }
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

function readSwitches(read: Reader): Switches {
  const flag = (name: string): boolean | null => (read.text(name) === undefined ? null : read.flag(name, false))
  const mode = 'MCP_MIGRATION_MODE'
  const switches: Switches = {
    useNewSystem: flag('MCP_USE_NEW_SYSTEM'),
    mode: read.text(mode) === undefined ? null : read.choice(mode, 'safe', SWITCH_MODES),
    backupValidation: flag('MCP_BACKUP_VALIDATION'),
    autoRollback: flag('MCP_ENABLE_AUTO_ROLLBACK'),
  }
  const contradiction = contradictionIn(switches)
  if (contradiction !== null) read.fault(contradiction.variable, contradiction.fault)
  return switches
}

function readBlob(read: Reader, name: string): BlobPlace | undefined {
  const token = read.text(name)
  if (token === undefined) return undefined
  const apiUrl = read.optionalUrl('VERCEL_BLOB_API_URL')
  return { token, apiUrl, readUrl: read.optionalUrl('CUTOVER_BLOB_READ_URL') }
}

function readKeys(read: Reader): string[] {
  const name = 'CUTOVER_BACKUP_KEY'
  const keys = read.list(name, [])
  if (keys.some((key) => !/^[A-Za-z0-9+/]{43}=$/.test(key)))
    read.fault(name, 'must be 32 bytes in base64, or several of them with commas')
  return keys
}

function readSource(read: Reader): Settings['source'] {
  const blob = readBlob(read, 'BLOB_READ_WRITE_TOKEN')
  if (blob !== undefined) return { kind: 'blob', ...blob }
  const dir = read.text('CUTOVER_SOURCE_DIR')
  if (dir === undefined)
    read.fault('BLOB_READ_WRITE_TOKEN', 'is missing (or set CUTOVER_SOURCE_DIR to a folder of JSON documents)')
  return { kind: 'files', dir: dir ?? '' }
}

function readTokens(read: Reader): Settings['tokens'] {
  const names = {
    api: 'CUTOVER_API_TOKEN',
    admin: 'CUTOVER_ADMIN_TOKEN',
    operator: 'CUTOVER_OPERATOR_TOKEN',
    viewer: 'CUTOVER_VIEWER_TOKEN',
  }
  const tokens: Settings['tokens'] = {}
  for (const role of ['api', 'admin', 'operator', 'viewer'] as const) {
    const token = readSecret(read, names[role])
    if (token !== undefined) tokens[role] = token
  }
  return tokens
}

function readWebhookSecret(read: Reader): string | undefined {
  const name = 'CUTOVER_ALERT_WEBHOOK_SECRET'
  const secret = read.text(name)
  // 24 to 64 bytes, as Standard Webhooks asks for.
  if (secret !== undefined && !/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/.test(secret))
    read.fault(name, 'must be "whsec_" and 24 to 64 random bytes in base64')
  return secret
}

/** What opens a door to whoever can guess it. */
function readSecret(read: Reader, name: string): string | undefined {
  const secret = read.text(name)
  if (secret !== undefined && secret.length < SECRET_CHARS_MIN) {
    read.fault(name, `is shorter than ${SECRET_CHARS_MIN} characters`)
  }
  return secret
}

const SECRET_CHARS_MIN = 16

function readFlagsSecret(read: Reader): string | undefined {
  const name = 'FLAGS_SECRET'
  const secret = read.text(name)
  if (secret !== undefined && !/^[\w-]{43}$/.test(secret)) read.fault(name, 'is not 32 bytes in base64url')
  return secret
}

/** On Vercel the address is known, a preview's own for a preview; elsewhere it has to be said. */
function publicUrlOf(read: Reader, env: Environment): string {
  const given = read.optionalUrl('CUTOVER_PUBLIC_URL')
  const { VERCEL_ENV: kind, VERCEL_PROJECT_PRODUCTION_URL: production, VERCEL_URL: own } = env
  const host = kind === 'production' ? (production ?? own) : own
  if (given === undefined && host === undefined) read.fault('CUTOVER_PUBLIC_URL', 'is missing')
  return (given ?? `https://${host ?? ''}`).replace(/\/+$/, '')
}

type Reader = ReturnType<typeof reader>

function reader(env: Environment, faults: string[]) {
  const fault = (name: string, what: string): void => {
    faults.push(`${name} ${what}.`)
  }
  const text = (...names: string[]): string | undefined => {
    for (const name of names) {
      const value = env[name]?.trim()
      if (value !== undefined && value !== '') return value
    }
    return undefined
  }
  const checkUrl = (name: string, value: string): string => {
    if (!/^https?:\/\/[^\s/]+/.test(value) || !URL.canParse(value)) fault(name, 'is not an http(s) address')
    return value
  }
  return {
    fault,
    text,
    required(...names: string[]): string {
      const value = text(...names)
      if (value === undefined) fault(names.join(' or '), 'is missing')
      return value ?? ''
    },
    url(...names: string[]): string | undefined {
      const name = names.find((candidate) => text(candidate) !== undefined)
      if (name === undefined) fault(names.join(' or '), 'is missing')
      return name === undefined ? undefined : checkUrl(name, text(name) ?? '')
    },
    optionalUrl(name: string): string | undefined {
      const value = text(name)
      return value === undefined ? undefined : checkUrl(name, value)
    },
    number(name: string, otherwise: number, min: number, max: number): number {
      const value = text(name)
      if (value === undefined) return otherwise
      const parsed = Number(value)
      if (!(parsed >= min && parsed <= max)) fault(name, `must be a number from ${min} to ${max}`)
      return parsed
    },
    whole(name: string, otherwise: number, min: number, max: number): number {
      const value = this.number(name, otherwise, min, max)
      if (!Number.isInteger(value)) fault(name, 'must be a whole number')
      return value
    },
    choice<T extends string>(name: string, otherwise: T, choices: readonly T[]): T {
      const value = text(name) ?? otherwise
      const chosen = choices.find((choice) => choice === value)
      if (chosen === undefined) fault(name, `must be one of ${choices.join(', ')}`)
      return chosen ?? otherwise
    },
    flag(name: string, otherwise: boolean): boolean {
      const value = text(name)
      if (value === undefined) return otherwise
      if (value !== 'true' && value !== 'false') fault(name, 'must be true or false')
      return value === 'true'
    },
    list(name: string, otherwise: string[]): string[] {
      const value = text(name)
      return value === undefined
        ? otherwise
        : value
            .split(',')
            .map((item) => item.trim())
            .filter((item) => item !== '')
    },
  }
}
