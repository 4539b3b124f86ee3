import { CutoverError } from '../core/error.js'
import { isJsonObject } from '../core/json.js'
import { EXIT, type ExitCode, exitOfAnswer, exitOfLocal } from './exit.js'

/** Why a verb failed, wherever that arose. */
export interface Failure {
  code: string
  title: string
  detail: string
  details: unknown
  /** Finds it in the server's log; empty without one. */
  requestId: string
  exit: ExitCode
  /** The same request may do better in a moment. */
  transient: boolean
}

/** What is not a `CutoverError` shows only its name, because nobody has judged what its message contains. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CutoverError) {
    return failure(error.code, 'Not done', error.message, exitOfLocal(error.code), error.details)
  }
  const name = error instanceof Error ? error.name : typeof error
  return failure('internal', 'Internal error', `An unexpected error in the command line (${name}).`, EXIT.failed)
}

/** From an RFC 9457 document; from anything else that is no answer of ours, by its status. */
export function failureOfAnswer(status: number, body: unknown): Failure {
  const problem = isJsonObject(body) ? body : {}
  const code = typeof problem.code === 'string' ? problem.code : ''
  const text = (name: string, otherwise: string) => {
    const value = problem[name]
    return typeof value === 'string' ? value : otherwise
  }
  return {
    code: code === '' ? 'internal' : code,
    title: text('title', `The server answered ${status}`),
    detail: text('detail', 'The answer is not one of cutover: is CUTOVER_URL the address of a cutover server?'),
    details: problem.details ?? {},
    requestId: text('requestId', ''),
    exit: exitOfAnswer(code, status),
    transient: [429, 502, 503, 504].includes(status),
  }
}

export function unreachable(url: string, cause: string, mayHaveHappened: boolean): Failure {
  const after = mayHaveHappened ? ' Whether it was done is not known: look before you repeat it.' : ''
  const code = mayHaveHappened ? 'outcome-unknown' : 'unavailable'
  const detail = `No answer from ${url} (${cause}).${after}`
  return { ...failure(code, 'Unreachable', detail, EXIT.unreachable), transient: true }
}

function failure(code: string, title: string, detail: string, exit: ExitCode, details: unknown = {}): Failure {
  return { code, title, detail, details, requestId: '', exit, transient: false }
}
