/** The candidate that a slip of the hand most likely meant, or `null` if none is close. */
export function nearest(typed: string, candidates: readonly string[]): string | null {
  let best: { name: string; edits: number } | null = null
  for (const name of candidates) {
    const edits = name.startsWith(typed) && typed !== '' ? 1 : editsBetween(typed.slice(0, TYPED_CHARS_MAX), name)
    if (best === null || edits < best.edits) best = { name, edits }
  }
  if (best === null || best.edits >= typed.length) return null
  return best.edits <= Math.max(2, Math.floor(typed.length / 3)) ? best.name : null
}

const TYPED_CHARS_MAX = 64

/** Levenshtein: insertions, deletions, replacements. */
function editsBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let row = 1; row <= from.length; row++) {
    const line = [row]
    for (let at = 1; at <= to.length; at++) {
      const replaced = (above[at - 1] ?? 0) + (from[row - 1] === to[at - 1] ? 0 : 1)
      line.push(Math.min(replaced, (above[at] ?? 0) + 1, (line[at - 1] ?? 0) + 1))
    }
    above = line
  }
  return above[to.length] ?? 0
}
