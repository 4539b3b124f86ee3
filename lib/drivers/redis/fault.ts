import { CutoverError, type ErrorCode, QUOTA_EXCEEDED } from '../../core/error.js'

/**
 * What an error reply means. Its text may repeat arguments, so of it only the reply's code word and the line of a
 * script go on. Replies of the database itself begin with a code word in capitals; anything else was said by something
 * in front of it, and then nobody knows what the database did.
 */
export function faultOfReply(reply: string, verb: string): CutoverError {
  const word = /^[A-Z]{2,20}(?= )/.exec(reply)?.[0]
  if (word === undefined) return noAnswer(verb)
  const { code, means, reason } = KINDS.find(({ pattern }) => pattern.test(reply)) ?? UNKNOWN
  const line = /user_script:\s*(\d{1,5})/.exec(reply)?.[1]
  return new CutoverError(code, `Redis refused ${shown(verb)} (${word}): ${means}.`, {
    details: {
      command: shown(verb),
      reply: word,
      ...(line === undefined ? {} : { line: Number(line) }),
      ...(reason === undefined ? {} : { reason }),
    },
  })
}

/** No answer came, or none that can be understood. A write may have happened, and may yet. */
export function noAnswer(verb: string, cause?: unknown): CutoverError {
  const outcome = READS.has(verb.toUpperCase()) ? '' : '; it may have run'
  return new CutoverError('unavailable', `Redis gave no answer to ${shown(verb)}${outcome}.`, {
    cause,
    details: { command: shown(verb) },
  })
}

/** Whether these ran matters to nobody. */
const READS = new Set([
  'GET',
  'MGET',
  'HGET',
  'HMGET',
  'HGETALL',
  'EXISTS',
  'SCAN',
  'TIME',
  'PING',
  'ZRANGE',
  'XRANGE',
  'XREVRANGE',
])

interface Kind {
  pattern: RegExp
  code: ErrorCode
  means: string
  /** A literal for those who act upon the difference. */
  reason?: typeof QUOTA_EXCEEDED
}

/** Searched in order. A script passes on the refusal of a command inside it, so code words count anywhere. */
const KINDS: readonly Kind[] = [
  {
    pattern: /max (?:request|single record|key|record) size exceeded/i,
    code: 'too-large',
    means: 'the request, its answer or a record is over the limit of the database',
  },
  {
    pattern: /connections exceeded|connections? limit exceeded/i,
    code: 'unavailable',
    means: 'the database has as many connections as it takes; others must end first',
  },
  {
    pattern: /(?:limit|quota) exceeded/i,
    code: 'unavailable',
    means: 'the database has used up its quota; raise the plan or wait for the next period',
    reason: QUOTA_EXCEEDED,
  },
  {
    pattern: /^(?:WRONGPASS|NOAUTH|NOPERM)\b/,
    code: 'unavailable',
    means: 'the token is not accepted; check UPSTASH_REDIS_REST_TOKEN',
  },
  {
    pattern: /\b(?:OOM|READONLY|LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|MISCONF|NOREPLICAS)\b/,
    code: 'unavailable',
    means: 'the database cannot serve it at present',
  },
  {
    pattern:
      /^(?:WRONGTYPE|NOSCRIPT|EXECABORT|NOGROUP|BUSYGROUP|CROSSSLOT)\b|user_script|(?:running|compiling) script|^ERR (?:unknown|wrong number|syntax|value is|invalid|command is not|unexpected)|is not (?:an? |valid)|must be|out of range/i,
    code: 'internal',
    means: 'the command, the script or the data under its keys is not as expected',
  },
]

/** A server that fails (HTTP 5xx) may say ERR too, and the SDK does not tell the two apart. */
const UNKNOWN: Omit<Kind, 'pattern'> = {
  code: 'unavailable',
  means: 'for a reason that is not known here; it may have run',
}

/** Only a word of letters is surely a command's name. */
function shown(verb: string): string {
  return /^[A-Za-z_]{1,20}$/.test(verb) ? verb.toUpperCase() : 'a command'
}
