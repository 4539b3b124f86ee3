import { CutoverError } from '../core/error.js'
import type { Clock } from '../ports/clock.js'
import type { Ledger, Look, Looked } from '../ports/ledger.js'

/**
 * A ledger that asks everything that is going to be asked in one access, at the first question: what a tick looks at,
 * when there is nothing to do, is one command and not one for each turn. Commits and whatever was not foreseen go to
 * the ledger itself.
 *
 * An answer is given once, so whoever reads again after a conflict reads anew; not after `FRESH_MS`; and not once
 * something was committed through this ledger that changes it. What somebody else commits in that time is found at the
 * next look, as it would be by a turn that came a moment earlier. If the look fails, everything is asked for itself.
 */
export function lookingAhead(ledger: Ledger, foreseen: readonly Look[], clock: Pick<Clock, 'monotonic'>): Ledger {
  if (ledger.look === undefined) return ledger
  const left = new Map(foreseen.map((look) => [nameOf(look), look]))
  let answers: Promise<Map<string, Looked>> | null = null
  let until = 0

  async function ahead(look: Look): Promise<Looked | null> {
    const name = nameOf(look)
    if (!left.has(name)) return null
    if (answers === null) {
      until = clock.monotonic() + FRESH_MS
      answers = askAll(ledger, [...left.values()])
    }
    const found = (await answers).get(name)
    if (!left.delete(name) || clock.monotonic() > until) return null
    return found ?? null
  }

  function changed(keys: readonly string[], streams: readonly string[]): void {
    for (const [name, look] of left) if (isChanged(look, keys, streams)) left.delete(name)
  }

  return {
    ...ledger,
    async read(key) {
      const found = await ahead({ kind: 'read', key })
      return found?.kind === 'read' ? found.held : ledger.read(key)
    },
    async list(prefix, after, limit) {
      const found = await ahead({ kind: 'list', prefix, after, limit })
      return found?.kind === 'list' ? found.page : ledger.list(prefix, after, limit)
    },
    async entries(stream, range) {
      const isNewest = 'newestFirst' in range && range.limit === 1 && (range.before ?? null) === null
      const found = isNewest ? await ahead({ kind: 'newest', stream }) : null
      return found?.kind === 'newest' ? found.page : ledger.entries(stream, range)
    },
    async commit(changes, entries = []) {
      const [keys, streams] = [changes.map(({ key }) => key), entries.map(({ stream }) => stream)]
      changed(keys, streams)
      return ledger.commit(changes, entries)
    },
    async trim(stream, upTo) {
      changed([], [stream])
      return ledger.trim(stream, upTo)
    },
    async destroy() {
      left.clear()
      return ledger.destroy()
    },
  }
}

/** How long an answer is used, in milliseconds. */
const FRESH_MS = 10_000

async function askAll(ledger: Ledger, asked: readonly Look[]): Promise<Map<string, Looked>> {
  try {
    const answers = (await ledger.look?.(asked)) ?? []
    const found = answers.map((answer, number) => [asked[number], answer] as const)
    return new Map(found.flatMap(([look, answer]) => (look && answer ? [[nameOf(look), answer] as const] : [])))
  } catch (error) {
    if (error instanceof CutoverError) return new Map()
    throw error
  }
}

function nameOf(look: Look): string {
  if (look.kind === 'read') return `read ${look.key}`
  return look.kind === 'newest' ? `newest ${look.stream}` : `list ${look.prefix} ${look.after} ${look.limit}`
}

function isChanged(look: Look, keys: readonly string[], streams: readonly string[]): boolean {
  if (look.kind === 'read') return keys.includes(look.key)
  if (look.kind === 'newest') return streams.includes(look.stream)
  return keys.some((key) => key.startsWith(look.prefix))
}
