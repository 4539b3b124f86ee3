import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { CutoverError, type ErrorCode } from '../core/error.js'

export interface ShownError {
  code: ErrorCode
  message: string
  details: CutoverError['details']
}

/**
 * What a client is told of an error. The words of errors that are not our own stay here: they can name hosts and
 * tokens.
 */
export function shownError(error: unknown, onError: (error: unknown) => void): ShownError {
  if (error instanceof CutoverError && error.code !== 'internal') return error
  onError(error)
  if (error instanceof CutoverError) return error
  return { code: 'internal', message: 'The request failed for a reason that is in the log of the server.', details: {} }
}

/** The same as a JSON-RPC error, for requests that are not tool calls. */
export function protocolError(error: unknown, onError: (error: unknown) => void): ProtocolError {
  if (error instanceof ProtocolError) return error
  const { code, message, details } = shownError(error, onError)
  return new ProtocolError(PROTOCOL_CODES[code], message, { code, ...details })
}

const PROTOCOL_CODES: { readonly [code in ErrorCode]: ProtocolErrorCode } = {
  'invalid-input': ProtocolErrorCode.InvalidParams,
  'too-large': ProtocolErrorCode.InvalidParams,
  'not-found': ProtocolErrorCode.InvalidParams,
  unauthenticated: ProtocolErrorCode.InvalidRequest,
  forbidden: ProtocolErrorCode.InvalidRequest,
  'precondition-failed': ProtocolErrorCode.InvalidRequest,
  conflict: ProtocolErrorCode.InvalidRequest,
  'idempotency-mismatch': ProtocolErrorCode.InvalidRequest,
  contended: ProtocolErrorCode.InternalError,
  unavailable: ProtocolErrorCode.InternalError,
  'outcome-unknown': ProtocolErrorCode.InternalError,
  'corrupt-document': ProtocolErrorCode.InternalError,
  configuration: ProtocolErrorCode.InternalError,
  internal: ProtocolErrorCode.InternalError,
}
