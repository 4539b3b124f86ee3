import { CutoverError } from '../core/error.js'
import { type Ledger, LOOKS_MAX, type Look, type Looked, type Revised } from '../ports/ledger.js'

/**
 * A ledger for one answer that is put together from many: what is asked before any of it is answered goes in one access,
 * `foreseen` with the first of it; nothing is asked twice; and a page that is known answers for its documents.
 *
 * What is damaged, or did not fit, is asked alone, and fails alone. It is for showing: what changes meanwhile is not seen,
 * documents may be of two moments, and so nothing is decided by it, and nothing written.
 */
export function gatheredLedger(ledger: Ledger, foreseen: readonly Look[]): Ledger {
  const gathering = new Gathering(ledger)
  const entries = new Map<string, ReturnType<Ledger['entries']>>()
  let head: Promise<string> | undefined
  let begun = false
  /** The first question brings along what is foreseen. */
  const begin = (): Gathering => {
    if (!begun) {
      begun = true
      // Whoever asks for it in earnest is told of its failure.
      for (const look of foreseen) gathering.look(look).catch(() => {})
    }
    return gathering
  }
  return {
    label: ledger.label,
    commit: forShowing,
    trim: forShowing,
    destroy: forShowing,
    read: (key) => begin().read(key),
    list: (prefix, after, limit) => begin().list(prefix, after, limit),
    look: (asked) => Promise.all(asked.map((look) => begin().look(look))),
    async entries(stream, range) {
      const newest = 'newestFirst' in range && range.limit === 1 && (range.before ?? null) === null
      const looked = newest ? await begin().ask({ kind: 'newest', stream }) : null
      if (looked?.kind === 'newest') return looked.page
      const name = JSON.stringify([stream, range])
      const found = entries.get(name) ?? ledger.entries(stream, range)
      entries.set(name, found)
      return found
    },
    head() {
      head ??= ledger.head()
      return head
    },
  }
}

async function forShowing(): Promise<never> {
  throw new CutoverError('internal', 'A ledger that is read for showing was to be written.')
}

type Page = Awaited<ReturnType<Ledger['list']>>

interface Waiting {
  look: Look
  resolve: (looked: Looked | null) => void
  reject: (error: unknown) => void
}

class Gathering {
  readonly #ledger: Ledger
  readonly #asked = new Map<string, Promise<Looked | null>>()
  readonly #lists = new Map<string, Promise<Page>>()
  /** Those that begin at the beginning of their prefix. */
  readonly #pages: { prefix: string; page: Promise<Page> }[] = []
  #waiting: Waiting[] = []

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  async read(key: string): Promise<Revised | null> {
    for (const { prefix, page } of this.#pages) {
      if (!key.startsWith(prefix)) continue
      const { items, end } = await page
      const found = items.find((item) => item.key === key)
      if (found !== undefined) return { revision: found.revision, value: found.value }
      if (end) return null
    }
    const looked = await this.ask({ kind: 'read', key })
    return looked?.kind === 'read' ? looked.held : this.#ledger.read(key)
  }

  list(prefix: string, after: string | null, limit: number): Promise<Page> {
    const name = JSON.stringify([prefix, after, limit])
    const known = this.#lists.get(name)
    if (known !== undefined) return known
    const page = this.ask({ kind: 'list', prefix, after, limit }).then((looked) =>
      looked?.kind === 'list' ? looked.page : this.#ledger.list(prefix, after, limit),
    )
    this.#lists.set(name, page)
    // Whoever asked for the page is told of its failure.
    if (after === null) this.#pages.push({ prefix, page: page.catch(() => NOTHING_KNOWN) })
    return page
  }

  /** `null`: it has to be asked alone. */
  async look(look: Look): Promise<Looked | null> {
    try {
      if (look.kind === 'read') return { kind: 'read', held: await this.read(look.key) }
      if (look.kind === 'list') return { kind: 'list', page: await this.list(look.prefix, look.after, look.limit) }
      return await this.ask(look)
    } catch (error) {
      if (error instanceof CutoverError) return null
      throw error
    }
  }

  ask(look: Look): Promise<Looked | null> {
    const name = JSON.stringify(look)
    const known = this.#asked.get(name)
    if (known !== undefined) return known
    const asked = new Promise<Looked | null>((resolve, reject) => {
      this.#waiting.push({ look, resolve, reject })
      if (this.#waiting.length === 1) void this.#flush()
    })
    this.#asked.set(name, asked)
    return asked
  }

  async #flush(): Promise<void> {
    // Questions that follow from one answer come a few turns apart.
    for (let turn = 0; turn < TURNS; turn++) await null
    const all = this.#waiting
    this.#waiting = []
    for (let from = 0; from < all.length; from += LOOKS_MAX) await this.#answer(all.slice(from, from + LOOKS_MAX))
  }

  async #answer(all: readonly Waiting[]): Promise<void> {
    const [first] = all
    try {
      // One question alone is asked as it is.
      const alone = all.length === 1 && first?.look.kind !== 'newest'
      const answers = alone ? [] : await this.#ledger.look?.(all.map(({ look }) => look))
      for (const [number, { resolve }] of all.entries()) resolve(answers?.[number] ?? null)
    } catch (error) {
      const away = !(error instanceof CutoverError) || error.code === 'unavailable'
      for (const { resolve, reject } of all) {
        if (away) reject(error)
        else resolve(null)
      }
    }
  }
}

const NOTHING_KNOWN: Page = { items: [], end: false }
const TURNS = 16
