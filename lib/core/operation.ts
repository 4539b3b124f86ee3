/**
 * Operation names. Every write has one, made before its first attempt and the same in every resend; both stores
 * remember it, so that a duplicate is recognised. The form is `key` or `key.print`: `key` identifies the request,
 * `print` what it asked for, so that a key used again for another request is noticed and not taken for a resend.
 */
export interface Operation {
  /** `key` or `key.print`; `[A-Za-z0-9_-]` in both parts. */
  op: string
  /** Wall-clock milliseconds at which the operation began; fixed for its life. */
  startedAt: number
  /** True when the caller named it (Idempotency-Key): it may then come again, from anywhere. */
  named: boolean
}

/** The largest lateness of a request that a store accepts, in milliseconds. Operations are remembered twice as long. */
export const LATENESS_MAX_MS = 10 * 60_000

export function operationKey(op: string): string {
  const dot = op.indexOf('.')
  return dot < 0 ? op : op.slice(0, dot)
}

/** Whether the caller named the operation: only then it has a print. For copies that come without the operation. */
export function isNamed(op: string): boolean {
  return op.includes('.')
}

/** Same key, other print: the caller has used one Idempotency-Key for two different requests. */
export function isReusedKey(held: string, asked: string): boolean {
  return held !== asked && operationKey(held) === operationKey(asked)
}
