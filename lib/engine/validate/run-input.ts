import { type Redaction, redactionOf } from '../../core/compare/redaction.js'
import { CutoverError } from '../../core/error.js'
import type { Json, JsonObject } from '../../core/json.js'

/** What a validation run may be asked. */
export interface ValidateInput {
  /** Bring mismatches together by a pass. */
  repair: boolean
  redaction: Redaction
  mismatchesKept: number
  /** Also prove that the target holds everything that was acknowledged (see `zero-loss.ts`). */
  zeroLoss: boolean
}

const MISMATCHES_KEPT = 100
const MISMATCHES_KEPT_MAX = 1_000

/** `invalid-input` names the member that is wrong. Members that other parts of a run read are left to them. */
export function parseValidateInput(input: JsonObject): ValidateInput {
  const { mismatchesKept = MISMATCHES_KEPT, redact = [] } = input
  const whole = typeof mismatchesKept === 'number' && Number.isSafeInteger(mismatchesKept)
  if (!whole || mismatchesKept < 0 || mismatchesKept > MISMATCHES_KEPT_MAX) {
    throw refused(`mismatchesKept must be a whole number from 0 to ${MISMATCHES_KEPT_MAX}.`)
  }
  if (!isTexts(redact)) throw refused('redact must be a list of paths such as $.secret.')
  return {
    repair: flag(input, 'repair'),
    redaction: redactionOf(redact),
    mismatchesKept,
    zeroLoss: flag(input, 'zeroLoss'),
  }
}

function flag(input: JsonObject, name: string): boolean {
  const { [name]: value = false } = input
  if (typeof value === 'boolean') return value
  throw refused(`${name} must be true or false.`)
}

function isTexts(value: Json): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function refused(message: string): CutoverError {
  return new CutoverError('invalid-input', message)
}
