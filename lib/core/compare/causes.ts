import type { Difference } from './diff.js'
import { outlineOf } from './outline.js'
import type { MismatchReason } from './verdict.js'

/** Why records of two stores differ, in groups that have one cause each. No value is ever in it. */
export interface Cause {
  cause: MismatchReason | 'undecided' | 'other'
  /** Where values differ, with `[*]` for any item or odd name; of other causes there are none. At most eight. */
  paths: string[]
  inWords: string
  count: number
  /** The validation has brought as many of them together. */
  repaired: number
  examples: Example[]
}

export interface Example {
  id: string
  /** 0: no copy and no tombstone. */
  sourceVersion: number
  targetVersion: number
  repaired: boolean
  /** Values by type and size; `null`: there is nothing at this side. */
  fields: { path: string; source: string | null; target: string | null }[]
  /** There are more fields than are listed. */
  more: boolean
}

/** A record that was found to differ, as it was kept. */
export interface Differing {
  id: string
  reason: MismatchReason
  sourceVersion: number
  targetVersion: number
  differences: readonly Difference[]
  more: boolean
  repaired: boolean
}

export const CAUSES_MAX = 10
export const EXAMPLES_MAX = 3
export const FIELDS_MAX = 8
const PATH_CHARS_MAX = 200

/**
 * The largest groups first, ten at most; the rest is `other`. What two values of one version differ in tells causes
 * apart (a field that was reshaped, one that was lost), so such records are grouped by that as well; where a copy is
 * missing or late every field of it may differ, and says nothing. `undecided` is what no verdict was come to of; `more`:
 * there are others that differ.
 */
export function causesOf(differing: readonly Differing[], { undecided = 0, more = false } = {}): Cause[] {
  const groups = new Map<string, Differing[]>()
  for (const one of differing) {
    const key = [one.reason, ...pathsOf(one)].join('\n')
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  const sorted = [...groups.entries()].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))
  const shown = sorted.slice(0, CAUSES_MAX).map(([, group]) => causeOf(group, more))
  const rest = sorted.slice(CAUSES_MAX).flatMap(([, group]) => group)
  const all =
    rest.length === 0 ? shown : [...shown, { ...causeOf(rest, more), ...told('other', rest.length, [], more) }]
  return undecided === 0
    ? all
    : [...all, { ...told('undecided', undecided, []), count: undecided, repaired: 0, examples: [] }]
}

function causeOf(group: readonly Differing[], atLeast: boolean): Cause {
  const [first] = group
  const paths = first === undefined ? [] : pathsOf(first)
  const examples = [...group].sort((a, b) => Number(a.repaired) - Number(b.repaired)).slice(0, EXAMPLES_MAX)
  return {
    ...told(first?.reason ?? 'other', group.length, paths, atLeast),
    count: group.length,
    repaired: group.filter(({ repaired }) => repaired).length,
    examples: examples.map(exampleOf),
  }
}

function told(
  cause: Cause['cause'],
  count: number,
  paths: readonly string[],
  atLeast = false,
): Pick<Cause, 'cause' | 'paths' | 'inWords'> {
  const shown = paths.slice(0, FIELDS_MAX)
  const left = paths.length - shown.length
  const where = shown.length === 0 ? '' : ` in ${shown.join(', ')}${left > 0 ? ` and ${left} more` : ''}`
  const counted = `${atLeast ? 'At least ' : ''}${count.toLocaleString('en-US')}`
  const records = `${counted} ${count === 1 ? 'record' : 'records'}`
  return { cause, paths: shown, inWords: `${records} ${WORDS[cause]}${where}.` }
}

const WORDS: { readonly [cause in Cause['cause']]: string } = {
  'missing-at-target': 'missing at the target',
  'extra-at-target': 'missing at the source',
  'values-differ': 'of one version with two values, which differ',
  'target-behind': 'of an earlier version at the target',
  'source-behind': 'of an earlier version at the source, which the target takes for up to date',
  'version-names-two-values': 'of which two writes were given one version, which differ',
  'damaged-at-target': 'that cannot be read at the target',
  undecided: 'that could not be judged: they changed at every look, or this stage does not ask for both copies',
  other: 'that differ in other ways',
}

/** Where one version has two values: the places that differ, in order; otherwise none. */
function pathsOf({ reason, differences }: Differing): string[] {
  if (reason !== 'values-differ' && reason !== 'version-names-two-values') return []
  return [...new Set(differences.map(({ path }) => cut(path.replace(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g, '[*]'))))].sort()
}

function exampleOf({ id, sourceVersion, targetVersion, repaired, differences, more }: Differing): Example {
  const fields = differences.slice(0, FIELDS_MAX).map(({ path, source, target }) => ({
    path: cut(path),
    source: source === undefined ? null : outlineOf(source),
    target: target === undefined ? null : outlineOf(target),
  }))
  return { id, sourceVersion, targetVersion, repaired, fields, more: more || differences.length > fields.length }
}

function cut(path: string): string {
  return path.length <= PATH_CHARS_MAX ? path : `${path.slice(0, PATH_CHARS_MAX).toWellFormed()}…`
}
