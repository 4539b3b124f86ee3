import { type Context, Hono } from 'hono'
import { CutoverError, isQuotaExceeded } from '../core/error.js'
import { notSentReason } from '../core/failing/not-sent.js'
import { isKey, KEY_CHARS_MAX } from '../core/flags/check.js'
import type { Subject } from '../core/flags/condition.js'
import { isJsonObject } from '../core/json.js'
import { parseJsonText } from '../core/json-text.js'
import type { EngineContext } from '../engine/context.js'
import { environmentOf, type Served, type ServedFault, serveFlag, serveFlags } from '../engine/flags/served.js'
import type { Authorizer } from './authorize.js'
import { checkContentType, readText } from './body.js'
import { sha256Base64Url } from './digest.js'
import { pathSegments } from './path.js'
import { isNotModified, quoteEtag } from './preconditions.js'

/**
 * The OpenFeature Remote Evaluation Protocol: flags for whatever speaks it, in whatever language.
 *
 * Faults of a request are problem documents that have the protocol's own members, too. A ledger that does not answer is
 * 503 with Retry-After: nothing is guessed, the SDK gives its caller's default. 429, which makes a provider pause, where
 * the limit of commands of this instance or the store's plan is used up.
 */
export function ofrepRoutes(parts: OfrepParts): Hono {
  const app = new Hono()
  const guarded = (answer: (c: Context, engine: EngineContext) => Promise<Response>) => async (c: Context) => {
    await parts.authorize(c.req.raw, 'read')
    c.header('Cache-Control', 'no-store')
    try {
      return await answer(c, await parts.engine())
    } catch (error) {
      const seconds = secondsOverLimit(error)
      if (seconds === null || !(error instanceof CutoverError)) throw error
      c.header('Retry-After', String(seconds))
      return c.json({ errorCode: 'GENERAL', errorDetails: error.message }, 429)
    }
  }
  app.post('/ofrep/v1/evaluate/flags', guarded(answerAll))
  app.post('/ofrep/v1/evaluate/flags/:key', guarded(answerOne))
  app.get('/ofrep/v1/configuration', guarded(answerConfiguration))
  return app
}

export interface OfrepParts {
  engine: () => Promise<EngineContext>
  authorize: Authorizer['authorizeData']
}

const QUOTA_RETRY_SECONDS = 300
const CONTEXT_BYTES_MAX = 64 * 1024
const POLLING_MS_MIN = 5_000

async function answerOne(c: Context, engine: EngineContext): Promise<Response> {
  const key = pathSegments(c.req.raw).at(-1) ?? ''
  const found = await serveFlag(engine, key, await askedSubject(c, engine, { key })).catch((error: unknown) => {
    if (!(error instanceof CutoverError) || error.code !== 'not-found') throw error
    throw new CutoverError('not-found', error.message, { details: { key, errorCode: 'FLAG_NOT_FOUND' } })
  })
  if (!('fault' in found)) return c.json(shown(found))
  if (found.fault === 'failed') throw found.error
  throw new CutoverError('invalid-input', NO_KEY, { details: { key, errorCode: 'TARGETING_KEY_MISSING' } })
}

async function answerAll(c: Context, engine: EngineContext): Promise<Response> {
  const { flags, revision, viewsFault } = await serveFlags(engine, await askedSubject(c, engine, {}))
  const metadata = { revision, ...(viewsFault === null ? {} : { viewsFault: viewsFault.code }) }
  return tagged(c, { flags: flags.map(shown), metadata })
}

function answerConfiguration(c: Context): Promise<Response> {
  const polling = { enabled: true, minPollingIntervalMs: POLLING_MS_MIN }
  const supportedTypes = ['int', 'float', 'string', 'boolean', 'object']
  const capabilities = {
    cacheInvalidation: { polling },
    flagEvaluation: { supportedTypes },
    caching: { enabled: false },
  }
  return tagged(c, { name: 'cutover', capabilities })
}

/** The tag is of the answer itself: whatever changes it (a definition, the context, the hour) changes the tag. */
async function tagged(c: Context, body: object): Promise<Response> {
  const text = JSON.stringify(body)
  const etag = (await sha256Base64Url(text)).slice(0, ETAG_CHARS)
  c.header('ETag', quoteEtag(etag))
  if (isNotModified(c.req.raw.headers, etag)) return c.body(null, 304)
  return c.body(text, 200, { 'Content-Type': 'application/json' })
}

const ETAG_CHARS = 22

const NO_KEY = 'A share is given by the targetingKey, and the context has none.'

/** Throws what the protocol calls `PARSE_ERROR` and `INVALID_CONTEXT`, about the flag that was asked for. */
async function askedSubject(c: Context, engine: EngineContext, about: { key?: string }): Promise<Subject> {
  const refuse = (errorCode: 'PARSE_ERROR' | 'INVALID_CONTEXT', message: string): never => {
    throw new CutoverError('invalid-input', message, { details: { ...about, errorCode } })
  }
  const text = await readText(c.req.raw, CONTEXT_BYTES_MAX)
  if (text !== '') checkContentType(c.req.raw, ['application/json'])
  const body = parsed(text)
  if (body instanceof CutoverError) return refuse('PARSE_ERROR', body.message)
  if (!isJsonObject(body)) return refuse('PARSE_ERROR', 'The body is not a JSON object.')
  const attributes = Object.hasOwn(body, 'context') ? body.context : {}
  if (!isJsonObject(attributes)) return refuse('INVALID_CONTEXT', 'The context is not a JSON object.')
  const key = Object.hasOwn(attributes, 'targetingKey') ? attributes.targetingKey : ''
  if (key !== '' && !isKey(key))
    return refuse('INVALID_CONTEXT', `The targetingKey is a text of at most ${KEY_CHARS_MAX} characters.`)
  return { key: key === '' ? null : key, attributes, environment: environmentOf(engine, attributes) }
}

function parsed(text: string): unknown {
  if (text === '') return {}
  try {
    return parseJsonText(text, 'The body')
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'invalid-input') return error
    throw error
  }
}

function shown(found: Served | ServedFault): object {
  if (!('fault' in found)) {
    const { name, value, variant, reason, metadata } = found
    return { key: name, value, variant, reason, metadata }
  }
  if (found.fault === 'no-key') return { key: found.name, errorCode: 'TARGETING_KEY_MISSING', errorDetails: NO_KEY }
  return { key: found.name, errorCode: 'GENERAL', errorDetails: found.error.message }
}

/** `null`: the error is of another kind. */
function secondsOverLimit(error: unknown): number | null {
  if (isQuotaExceeded(error)) return QUOTA_RETRY_SECONDS
  const reason = notSentReason(error)
  if (reason !== 'throttled' && reason !== 'too-many-requests') return null
  const told = error instanceof CutoverError ? error.details.retryAfterSeconds : null
  return typeof told === 'number' ? Math.max(1, Math.ceil(told)) : 1
}
