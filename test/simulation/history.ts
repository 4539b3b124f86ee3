import { type Act, checkRegister, type Entry, type State } from './linearizable.js'

/** What clients saw, record by record, and what they may conclude of versions. */
export interface History {
  add(id: string, entry: Entry): void
  /** An ETag was shown with this value. */
  shown(id: string, etag: string, value: string): void
  /** What is wrong with it; empty if nothing is. */
  faults(): string[]
  readonly size: number
}

/**
 * `reused`: a number may come again. A target that has lost data gives it to another write until it is recovered; if
 * the source has gone past it that write is overtaken at once, and nobody ever reads it. A pass then writes the
 * source's value once more, under a later number: that a condition on the earlier one was refused says nothing.
 */
export function historyOf({ reused }: { reused: boolean }): History {
  const records = new Map<string, Entry[]>()
  const etags = new Map<string, string>()
  const faults: string[] = []
  let size = 0
  return {
    add(id, entry) {
      if (reused && isRefusedByNumber(entry.act)) return
      size += 1
      records.set(id, [...(records.get(id) ?? []), entry])
    },
    shown(id, etag, value) {
      const key = `${id} ${etag}`
      const known = etags.get(key) ?? value
      etags.set(key, known)
      if (known !== value && !reused) faults.push(`The version ${key} names two writes: ${known} and ${value}.`)
    },
    faults() {
      return [...faults, ...[...records].flatMap(([id, entries]) => faultsOf(id, entries))]
    },
    get size() {
      return size
    },
  }
}

function isRefusedByNumber(act: Act): boolean {
  return act.do === 'write' && act.outcome === 'refused' && typeof act.condition === 'object' && act.condition !== null
}

function faultsOf(id: string, entries: readonly Entry[]): string[] {
  const { ok, undecided, steps, explained, left } = checkRegister(entries, null)
  if (ok) return []
  const verdict = undecided
    ? `The history of ${id} is too ambiguous to be judged in ${steps} steps.`
    : `The history of ${id} is not linearizable.`
  const lines = [...entries].sort((a, b) => a.began - b.began).map((entry) => `    ${describe(entry)}`)
  return [`${verdict}\n${lines.join('\n')}\n  explained: ${explained.join(' ')}\n  left: ${left.join(' ')}`]
}

function describe({ name, began, ended, act }: Entry): string {
  return `[${began}, ${ended ?? 'open'}] ${name} ${textOf(act)}`
}

function textOf(act: Act): string {
  if (act.do === 'read') return `reads ${show(act.saw)}`
  const { change, condition, outcome, result } = act
  const what = change === 'delete' ? 'delete' : 'put' in change ? `put ${change.put}` : `add ${change.add}`
  const only = condition === null ? '' : ` if ${typeof condition === 'string' ? condition : condition.is}`
  return `${what}${only}: ${outcome ?? 'unknown'}${result === undefined ? '' : ` ${show(result)}`}`
}

function show(state: State): string {
  return state ?? '-'
}
