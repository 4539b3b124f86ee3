import { type Copy, visibleValue } from '../../core/copy.js'
import type { Condition, Mutation } from '../../core/data-plane.js'
import { CutoverError } from '../../core/error.js'
import type { JsonObject } from '../../core/json.js'
import { checkSurvives } from '../../core/json-text.js'
import type { Evaluation, Intent } from '../../core/protocol/outcome.js'

/** What a caller's mutation means to the protocol, and why it was refused if it was. */
export interface Asked {
  intent: Intent
  /** After a refusal: the reason, as the caller is told. */
  refusal: () => CutoverError
}

export function askedOf(mutation: Mutation, collection: string, id: string): Asked {
  const { condition } = mutation
  if (mutation.kind === 'put') {
    const value = checkSurvives(mutation.value) as JsonObject
    const refusal = (): CutoverError => unmet(collection, id)
    if (condition === undefined) return { intent: { kind: 'always', value }, refusal }
    const evaluate = (copy: Copy | null): Evaluation => (holds(condition, copy) ? { kind: 'value', value } : REFUSED)
    return { intent: { kind: 'bound', first: firstOf(condition, value), evaluate }, refusal }
  }
  let refusal = (): CutoverError => unmet(collection, id)
  const refused = (why: () => CutoverError): Evaluation => {
    refusal = why
    return REFUSED
  }
  const evaluate = (copy: Copy | null): Evaluation => {
    const current = visibleValue(copy)
    if (current === null && condition === undefined) return refused(() => absent(collection, id))
    if (current === null || (condition !== undefined && !holds(condition, copy))) {
      return refused(() => unmet(collection, id))
    }
    if (mutation.kind === 'delete') return { kind: 'value', value: null }
    try {
      return { kind: 'value', value: checkSurvives(mutation.change(current)) as JsonObject }
    } catch (error) {
      if (!(error instanceof CutoverError)) throw error
      return refused(() => error)
    }
  }
  const first = mutation.kind === 'delete' && condition?.kind === 'if-match' ? firstOf(condition, null) : null
  return { intent: { kind: 'bound', first, evaluate }, refusal: () => refusal() }
}

const REFUSED: Evaluation = { kind: 'refused' }

/** Errors are made when they are thrown: one costs more than all the rest of a write. */
function unmet(collection: string, id: string): CutoverError {
  const message = `The record ${collection}/${id} is not in the state that the request expects. Read it again.`
  return new CutoverError('precondition-failed', message, { details: { collection, id } })
}

function absent(collection: string, id: string): CutoverError {
  return new CutoverError('not-found', `There is no record ${collection}/${id}.`, { details: { collection, id } })
}

export function etagOf(version: number): string {
  const thousands = Math.floor(version / 1_000)
  const rest = version - thousands * 1_000
  // The same text as of the whole number, which would take the engine's slow way for numbers beyond 2^31.
  return thousands === 0 ? `${rest}` : `${thousands}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`
}

/** A deletion is answered with an ETag that no condition can meet: there is no record for it to match. */
export function etagOfDeletion(version: number): string {
  return `deleted-${version}`
}

/** ETags of this product are versions in decimal; anything else matches nothing. */
export function versionOfEtag(etag: string): number | null {
  return /^[1-9]\d{0,15}$/.test(etag) ? Number(etag) : null
}

function holds(condition: Condition, copy: Copy | null): boolean {
  const present = copy !== null && copy.value !== null
  if (condition.kind === 'if-none-match') return !present
  return present && (condition.etag === '*' || copy.version === versionOfEtag(condition.etag))
}

/** Where the condition names the version beforehand, the first attempt needs no read. */
function firstOf(condition: Condition, value: Copy['value']): { base: number; value: Copy['value'] } | null {
  if (condition.kind === 'if-none-match') return { base: 0, value }
  const version = versionOfEtag(condition.etag)
  return version === null ? null : { base: version, value }
}
