/** What an entry of the audit trail has changed, member by member; `null`: too much for a line. */
export function changeInWords(before: unknown, after: unknown): string | null {
  const [old, now] = [membersOf(before), membersOf(after)]
  if (old === null || now === null) return null
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])]
  const changed = names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]))
  if (changed.length > CHANGES_MAX) return null
  const words: string[] = []
  for (const name of changed) {
    const [from, to] = [scalarOf(old[name]), scalarOf(now[name])]
    if (from === null || to === null) return null
    words.push(`${labelOf(name)} ${changeOf(from, to, name in old, name in now)}`)
  }
  const said = words.join(', ')
  return said.length > CHARACTERS_MAX ? null : said
}

const CHANGES_MAX = 4
const CHARACTERS_MAX = 140

/** Nothing is the same as no members; a single value goes by the name of none. */
function membersOf(side: unknown): { [name: string]: unknown } | null {
  if (side === null || side === undefined) return {}
  if (Array.isArray(side)) return null
  if (typeof side === 'object') return side as { [name: string]: unknown }
  return { '': side }
}

function scalarOf(value: unknown): string | null {
  if (value === undefined) return ''
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number' || typeof value === 'string') return String(value)
  return null
}

function changeOf(from: string, to: string, was: boolean, is: boolean): string {
  if (!was) return to
  return is ? `${from} → ${to}` : `${from}, no more`
}

/** `rolloutPercent` → `rollout percent`. */
function labelOf(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, (_all, end: string, start: string) => `${end} ${start.toLowerCase()}`)
}
