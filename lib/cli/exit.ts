import type { ErrorCode } from '../core/error.js'

/** What a script can tell from the code alone. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notAllowed: 3, unreachable: 4 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** `unavailable` is a server that answered, with a store behind it that did not: failed, not unreachable. */
const EXIT_OF: { readonly [code in ErrorCode]: ExitCode } = {
  'invalid-input': EXIT.usage,
  'too-large': EXIT.usage,
  unauthenticated: EXIT.notAllowed,
  forbidden: EXIT.notAllowed,
  'not-found': EXIT.failed,
  'precondition-failed': EXIT.failed,
  conflict: EXIT.failed,
  'idempotency-mismatch': EXIT.failed,
  contended: EXIT.failed,
  unavailable: EXIT.failed,
  'outcome-unknown': EXIT.failed,
  'corrupt-document': EXIT.failed,
  configuration: EXIT.usage,
  internal: EXIT.failed,
}

/** Of an error that arose here: what is misconfigured here is for the caller to mend. */
export function exitOfLocal(code: ErrorCode): ExitCode {
  return EXIT_OF[code]
}

/** Of an answer. Its code decides where we know it; a server that is newer than we are is judged by its status. */
export function exitOfAnswer(code: string, status: number): ExitCode {
  if (code === 'configuration') return EXIT.failed // the server's configuration
  if (isErrorCode(code)) return EXIT_OF[code]
  if (status === 401 || status === 403) return EXIT.notAllowed
  return [502, 503, 504].includes(status) ? EXIT.unreachable : EXIT.failed
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(EXIT_OF, code)
}
