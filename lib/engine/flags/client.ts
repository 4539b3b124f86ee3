import type { Subject } from '../../core/flags/condition.js'
import { type Evaluation, evaluate } from '../../core/flags/evaluate.js'
import type { Json } from '../../core/json.js'
import type { Clock } from '../../ports/clock.js'
import type { Ledger } from '../../ports/ledger.js'
import { assignCohort } from './cohorts.js'
import { readSnapshot, type Snapshot } from './kept.js'

/**
 * Named flags inside a process: definitions are held in memory, and an evaluation makes no call to anything.
 *
 * - Never throws, never waits. Where there is nothing to go by, the caller's fallback with reason `ERROR`.
 * - An evaluation that finds what is held older than `freshMs` answers from it, and has it read again in the background.
 *   A change, a kill too, is hence seen by the evaluations after the first one that is made `freshMs` after it.
 * - A ledger that does not answer: what is held goes on being used until it is `heldMsMax` old, then fallbacks.
 * - Sticky flags give what the hash gives, unless the subject's variant is known here: by `deal`, or in the subject.
 * - Not here: the views on collections' stages. Which store a record is read from rides on the data, never on a cache.
 */
export function flagClient(wired: FlagSource, options: FlagClientOptions = {}): FlagClient {
  const { freshMs = FRESH_MS, heldMsMax = HELD_MS_MAX, environment = wired.settings?.environment ?? null } = options
  const dealtMemory = memoryOfDealt()
  const { current, refresh } = heldDefinitions(wired, freshMs, heldMsMax)
  const subjectOf = (given: AskedSubject, name: string): Subject => {
    const { key = null, attributes = {}, assigned = key === null ? undefined : dealtMemory.get(name, key) } = given
    const named = Object.hasOwn(attributes, 'environment') ? attributes.environment : environment
    const subject: Subject = { key, attributes, environment: typeof named === 'string' ? named : null }
    return assigned === undefined ? subject : { ...subject, assigned }
  }
  const details = <T extends Json>(name: string, fallback: T, given: AskedSubject = {}): Detailed<Wide<T>> => {
    try {
      const snapshot = current()
      if (snapshot === null) return failed(fallback, 'PROVIDER_NOT_READY')
      const flag = snapshot.flags.get(name)
      if (flag === undefined) return failed(fallback, 'FLAG_NOT_FOUND')
      const found = evaluate(flag, subjectOf(given, name), wired.clock.now())
      if (found.because === 'no-key') return failed(fallback, 'TARGETING_KEY_MISSING')
      return isLike(found.value, fallback) ? { ...found, value: found.value } : failed(fallback, 'TYPE_MISMATCH')
    } catch {
      return failed(fallback, 'GENERAL')
    }
  }
  return {
    ready: async () => {
      if (current() === null) await refresh()
      return current() !== null
    },
    refresh,
    details,
    value: (name, fallback, subject) => details(name, fallback, subject).value,
    choose: (name, subject, sides) => (details(name, false, subject).value ? sides.new : sides.legacy),
    deal: async (name, given) => {
      const { ledger } = await wired.control()
      const flag = (await readSnapshot(ledger)).flags.get(name)
      if (flag === undefined || given.key === undefined || given.key === null) return
      const { because, variant } = await assignCohort({ ledger, clock: wired.clock }, flag, subjectOf(given, name))
      if (flag.sticky && (because === 'kept' || because === 'rolled-out')) dealtMemory.set(name, given.key, variant)
    },
  }
}

/** What `wire` gives has all of it. */
export interface FlagSource {
  control: () => Promise<{ ledger: Ledger }>
  clock: Clock
  background: (work: Promise<unknown>) => void
  settings?: { environment: string }
}

export interface FlagClientOptions {
  /** Milliseconds after which what is held is read again. Default 5,000. */
  freshMs?: number
  /** Milliseconds after which what is held is used no more. Default 3,600,000. */
  heldMsMax?: number
  /** Where this process runs, for conditions on the environment; a subject's attribute of that name goes before it. */
  environment?: string
}

export interface AskedSubject {
  key?: string | null
  attributes?: Subject['attributes']
  /** The variant that the subject was dealt before, of a sticky flag. */
  assigned?: string
}

export interface FlagClient {
  /** Waits for the first definitions; whether there are any to go by. */
  ready(): Promise<boolean>
  /** Reads the definitions now. Never throws. */
  refresh(): Promise<void>
  value<T extends Json>(name: string, fallback: T, subject?: AskedSubject): Wide<T>
  details<T extends Json>(name: string, fallback: T, subject?: AskedSubject): Detailed<Wide<T>>
  /** One of two systems, by a boolean flag: `legacy` unless the flag says true. */
  choose<L, N>(name: string, subject: AskedSubject, sides: { legacy: L; new: N }): L | N
  /** Deals a sticky flag's variant to a subject, in the ledger, and remembers it here. Throws as the ledger does. */
  deal(name: string, subject: AskedSubject): Promise<void>
}

export type Detailed<T> = (Omit<Evaluation, 'value'> | { reason: 'ERROR'; error: FlagError }) & { value: T }

/** A flag with the fallback `false` gives true, too. */
export type Wide<T> = T extends boolean ? boolean : T extends number ? number : T extends string ? string : T

/** In the words of OpenFeature. */
export type FlagError = 'FLAG_NOT_FOUND' | 'TARGETING_KEY_MISSING' | 'TYPE_MISMATCH' | 'PROVIDER_NOT_READY' | 'GENERAL'

/** What is held, and the one reading of it that may be under way. */
function heldDefinitions(wired: FlagSource, freshMs: number, heldMsMax: number) {
  let held: { snapshot: Snapshot; at: number } | null = null
  let reading: Promise<void> | null = null
  let triedAt = Number.NEGATIVE_INFINITY

  const read = async (): Promise<void> => {
    const at = wired.clock.monotonic()
    triedAt = at
    held = { snapshot: await readSnapshot((await wired.control()).ledger), at }
  }
  const refresh = (): Promise<void> => {
    reading ??= read()
      .catch(() => {}) // what is held goes on being used
      .finally(() => {
        reading = null
      })
    return reading
  }
  const current = (): Snapshot | null => {
    const now = wired.clock.monotonic()
    const due = held === null || now - held.at >= freshMs
    if (due && now - triedAt >= freshMs) wired.background(refresh())
    return held !== null && now - held.at < heldMsMax ? held.snapshot : null
  }
  return { current, refresh }
}

const FRESH_MS = 5_000
const HELD_MS_MAX = 3_600_000
const DEALT_MAX = 10_000

function failed<T>(value: T, error: FlagError): Detailed<Wide<T>> {
  return { value: value as Wide<T>, reason: 'ERROR', error }
}

function isLike<T extends Json>(value: Json, fallback: T): value is Wide<T> & Json {
  return typeof value === typeof fallback
}

/** The latest so many; the ledger has all. */
function memoryOfDealt() {
  const dealt = new Map<string, string>()
  const keyOf = (flag: string, key: string): string => `${flag}\n${key}`
  return {
    get: (flag: string, key: string): string | undefined => dealt.get(keyOf(flag, key)),
    set(flag: string, key: string, variant: string): void {
      dealt.set(keyOf(flag, key), variant)
      const [oldest] = dealt.keys()
      if (dealt.size > DEALT_MAX && oldest !== undefined) dealt.delete(oldest)
    },
  }
}
