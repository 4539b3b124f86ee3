/**
 * The control plane as the page's acts and previews ask it: same origin, by the session's cookie, JSON both ways.
 *
 * Nothing is thrown and nothing is sent twice. What became of a request is one of the kinds of `Answer`; a write whose
 * answer was lost is `unknown`, because it may have been done, and only the audit trail can tell.
 */
export type Answer<T> =
  | { kind: 'ok'; value: T }
  /** It contradicts how things stand, and nothing was done. */
  | { kind: 'refused'; refusal: Refusal }
  /** The server has said what is wrong. */
  | { kind: 'problem'; problem: Problem }
  | { kind: 'signed-out' }
  /** Nothing was changed: it was only a question. */
  | { kind: 'unreachable'; because: Lost }
  | { kind: 'unknown'; because: Lost }

/** A refusal as the verbs answer it, with status 409. */
export interface Refusal {
  reason: string
  inWords: string | null
  details: { readonly [name: string]: unknown }
}

/** The members of a problem document that are told. */
export interface Problem {
  status: number
  code: string
  message: string
  details: { readonly [name: string]: unknown }
}

/** How an answer was lost. */
export type Lost = 'no-connection' | 'no-answer-in-time' | 'not-our-server'

export interface Asked {
  method: 'GET' | 'POST' | 'PUT'
  /** With its query. */
  path: string
  body?: object
  /** A rehearsal: sent as an act is, and only a question. */
  changesNothing?: boolean
  signal?: AbortSignal
}

const LOOK_MS_MAX = 15_000
/** An emergency stop may wait for stores that do not answer. */
const WRITE_MS_MAX = 60_000

export async function call<T>(asked: Asked, fetched = fetch): Promise<Answer<T>> {
  const { method, path, body, changesNothing = method === 'GET', signal } = asked
  const lost = changesNothing ? 'unreachable' : 'unknown'
  const limit = AbortSignal.timeout(changesNothing ? LOOK_MS_MAX : WRITE_MS_MAX)
  try {
    const response = await fetched(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const told = await jsonOf(response)
    if (told === undefined) return { kind: lost, because: 'not-our-server' }
    return answerOf<T>(response.status, told)
  } catch {
    return { kind: lost, because: limit.aborted ? 'no-answer-in-time' : 'no-connection' }
  }
}

/** `undefined`: it is not ours, such as a proxy's page in place of an answer. */
async function jsonOf(response: Response): Promise<unknown> {
  const type = response.headers.get('Content-Type') ?? ''
  if (!/^application\/(problem\+)?json\b/.test(type)) return undefined
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function answerOf<T>(status: number, told: unknown): Answer<T> {
  const members = isObject(told) ? told : {}
  if (members.kind === 'refused' && status === 409) return { kind: 'refused', refusal: refusalOf(members) }
  if (status >= 200 && status < 300) return { kind: 'ok', value: told as T }
  if (status === 401) return { kind: 'signed-out' }
  return { kind: 'problem', problem: problemOf(status, members) }
}

function refusalOf({ reason, inWords, details }: Members): Refusal {
  return {
    reason: typeof reason === 'string' ? reason : 'refused',
    inWords: typeof inWords === 'string' ? inWords : null,
    details: isObject(details) ? details : {},
  }
}

function problemOf(status: number, { code, detail, title, details }: Members): Problem {
  const sentence = [detail, title].find((text) => typeof text === 'string' && text !== '')
  return {
    status,
    code: typeof code === 'string' ? code : 'internal',
    message: typeof sentence === 'string' ? sentence : `The server answered ${status}.`,
    details: isObject(details) ? details : {},
  }
}

type Members = { readonly [name: string]: unknown }

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
