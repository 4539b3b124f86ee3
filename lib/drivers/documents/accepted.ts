import { CutoverError } from '../../core/error.js'

/**
 * What every document driver accepts, so that no store can be given what another would refuse.
 *
 * A name is 1 to `nameLengthMax` characters: `[A-Za-z0-9._-]` segments joined by `/`, none beginning with a dot (such
 * files are hidden, and the files driver keeps its own there; it also excludes `..`).
 */
export function checkName(name: string): void {
  if (!isName(name)) throw invalidName(name)
}

export function isName(name: string): boolean {
  return name.length <= nameLengthMax && namePattern.test(name)
}

/** A prefix is the beginning of a name: it may end anywhere, also within a segment or after a `/`. */
export function checkPrefix(prefix: string): void {
  if (prefix.length > nameLengthMax || !prefixPattern.test(prefix)) throw invalidName(prefix)
}

/**
 * A text is not empty (the Blob API refuses an empty body, and an empty revision file means "removed") and has no lone
 * surrogates, which UTF-8 cannot carry: the store would answer another text than it was given.
 */
export function checkText(name: string, text: string): void {
  const fault = text === '' ? 'empty' : loneSurrogate.test(text) ? 'not well-formed Unicode' : null
  if (fault === null) return
  throw new CutoverError('invalid-input', `The text for document ${name} is ${fault}; nothing was stored.`, {
    details: { document: name },
  })
}

/** Decodes as strictly as `checkText` demands; keeps a byte order mark, which the default decoder would swallow. */
export function decodeText(name: string, label: string, bytes: ArrayBuffer | Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new CutoverError('corrupt-document', `Document ${name} in ${label} is not UTF-8 text; restore it.`, {
      cause,
      details: { document: name },
    })
  }
}

const nameLengthMax = 200
const namePattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/
const prefixPattern = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\/?)?$/
const loneSurrogate = /\p{Surrogate}/u

function invalidName(name: string): CutoverError {
  return new CutoverError(
    'invalid-input',
    'A document name is made of segments of A-Z a-z 0-9 . _ - that do not begin with a dot, joined by "/".',
    { details: { document: name.slice(0, nameLengthMax) } },
  )
}
