/** What has to be there before an act may be confirmed. */
export interface Readiness {
  reason: string
  /** What has to be typed, for an act that is hard to take back; `null`: nothing. */
  toType: string | null
  typed: string
  /** Why it cannot be done however it is filled in: no preview yet, refused, moved meanwhile. */
  blocked: string | null
}

export const REASON_CHARS_MAX = 500

/** Why the act cannot be confirmed now, in a sentence; `null`: it can. */
export function whyNot({ reason, toType, typed, blocked }: Readiness): string | null {
  if (blocked !== null) return blocked
  const said = reason.trim()
  if (said === '') return 'Say why first: the reason is kept in the audit trail.'
  if (said.length > REASON_CHARS_MAX)
    return `The reason is ${said.length - REASON_CHARS_MAX} characters too long: ${REASON_CHARS_MAX} at most.`
  if (toType !== null && typed.trim() !== toType) return `Type ${toType} to confirm.`
  return null
}
