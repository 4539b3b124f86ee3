import { CutoverError } from '../core/error.js'

/** Where the HTTP surface reports. Fields are keys, codes and versions; never payloads, never tokens. */
export interface Log {
  /** Someone must look. */
  error(event: string, fields: LogFields): void
  /** State changed. */
  info(event: string, fields: LogFields): void
  debug(event: string, fields: LogFields): void
}

export interface LogFields {
  readonly [name: string]: string | number | boolean | null
}

/** Where an unexpected error comes from. Its message may quote what was sent: only its name and stack frames are told. */
export function originOf(error: unknown): LogFields {
  const root = error instanceof CutoverError && error.cause !== undefined ? error.cause : error
  const name = root instanceof Error ? root.name : typeof root
  const frames = root instanceof Error ? (root.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  return { error: name, stack: frames.slice(0, STACK_FRAMES_MAX).join('\n') }
}

const STACK_FRAMES_MAX = 20
