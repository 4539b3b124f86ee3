import { CutoverError } from '../../core/error.js'
import { compareIds } from '../../core/id.js'
import type { Json } from '../../core/json.js'
import type { Ledger, Look, Looked, Revised } from '../../ports/ledger.js'
import type { RedisClient } from '../redis/client.js'
import { removeKeys } from '../redis/remove-keys.js'
import { ANSWER_BYTES_MAX, checkCommit, checkKey, checkList, checkLooks, checkRange, lastOf } from './accepted.js'
import { COMMIT, ENTRIES, HEAD, LIST, LOOK, READ, TRIM } from './redis-scripts.js'

/**
 * The ledger in Redis. Every call but `destroy` is one script, hence atomic and, in a database with replicas, exact.
 *
 * Under `prefix`: `counter` numbers the commits of the whole ledger, so that a revision or position is never used
 * again; `document:<key>` and `stream:<name>`; `index` has the keys of all documents in byte order.
 * No other ledger may have a prefix that begins with this one: `destroy` would take it along.
 *
 * What can go wrong: a database that fails over to a replica behind it loses the newest commits, and their revisions
 * are given again. A page may be shorter than its limit when values are large; `end` still tells the truth.
 */
export function redisLedger({ client, prefix = 'cutover:ledger:' }: RedisLedgerOptions): Ledger {
  const label = `redis:${prefix}`
  const scripts = {
    commit: client.script(COMMIT),
    read: client.script(READ),
    list: client.script(LIST),
    look: client.script(LOOK),
    entries: client.script(ENTRIES),
    head: client.script(HEAD),
    trim: client.script(TRIM),
  }
  const documentKey = (key: string): string => `${prefix}document:${key}`
  const streamKey = (stream: string): string => `${prefix}stream:${stream}`
  return {
    label,
    async read(key) {
      const text = await scripts.read.run([documentKey(checkKey(key))], [])
      return text === null ? null : parseDocument(label, key, text)
    },
    async commit(changes, entries = []) {
      checkCommit(changes, entries)
      const keys = [`${prefix}counter`, `${prefix}index`]
      const args = [String(changes.length)]
      for (const { key, ifRevision, value } of changes) {
        keys.push(documentKey(key))
        const [verb, text] = value === undefined ? ['delete', ''] : ['set', JSON.stringify(value)]
        args.push(key, ifRevision === null ? '' : String(ifRevision), verb, text)
      }
      for (const { stream, value, keep } of entries) {
        keys.push(streamKey(stream))
        args.push(keep === undefined ? '' : String(keep), JSON.stringify(value))
      }
      const answer = await scripts.commit.run(keys, args)
      const [done, number] = Array.isArray(answer) ? answer : []
      if (done === 1) return { kind: 'committed', revisions: changes.map(() => Number(number)) }
      const stale = done === 0 ? changes[Number(number) - 1] : undefined
      if (stale === undefined) throw strange(label)
      return { kind: 'conflict', key: stale.key }
    },
    async list(prefixOfKeys, after, limit) {
      checkList(prefixOfKeys, after, limit)
      const args = [
        lowerBound(prefixOfKeys, after),
        prefixOfKeys,
        String(limit),
        String(ANSWER_BYTES_MAX),
        documentKey(''),
      ]
      const { pairs, end } = pageOf(label, await scripts.list.run([`${prefix}index`], args))
      return { items: pairs.map(([key, text]) => ({ key, ...parseDocument(label, key, text) })), end }
    },
    async look(asked) {
      checkLooks(asked)
      const args = asked.flatMap((look) => argumentsOf(look))
      const places = [String(ANSWER_BYTES_MAX), documentKey(''), streamKey('')]
      const answers = await scripts.look.run([`${prefix}index`], [...places, ...args])
      if (!Array.isArray(answers) || answers.length !== asked.length) throw strange(label)
      return asked.map((look, number) => lookedOf(label, look, answers[number]))
    },
    async entries(stream, range) {
      const newestFirst = 'newestFirst' in range
      const bound = (newestFirst ? range.before : range.after) ?? null
      checkRange(stream, bound, range.limit)
      const [verb, from, to] = newestFirst ? ['XREVRANGE', '+', '-'] : ['XRANGE', '-', '+']
      const args = [verb, bound === null ? from : `(${bound}`, to, String(range.limit), String(ANSWER_BYTES_MAX)]
      const { pairs, end } = pageOf(label, await scripts.entries.run([streamKey(stream)], args))
      return { items: pairs.map(([position, text]) => ({ position, value: parse(label, stream, text) })), end }
    },
    async head() {
      const commits = await scripts.head.run([`${prefix}counter`], [])
      if (typeof commits !== 'string') throw strange(label)
      return lastOf(commits)
    },
    async trim(stream, upTo) {
      checkRange(stream, upTo, 1)
      await scripts.trim.run([streamKey(stream)], [upTo])
    },
    destroy: () => destroy(client, prefix),
  }
}

export interface RedisLedgerOptions {
  client: RedisClient
  /** Begins every Redis key of this ledger. */
  prefix?: string
}

/** Removes the counter last: a run that was cut short leaves nothing that a smaller position could meet. */
async function destroy(client: RedisClient, prefix: string): Promise<void> {
  const counter = `${prefix}counter`
  await removeKeys(client, prefix, counter)
  await client.command(['DEL', counter])
}

function lowerBound(prefix: string, after: string | null): string {
  return after !== null && compareIds(after, prefix) >= 0 ? `(${after}` : `[${prefix}`
}

function argumentsOf(look: Look): string[] {
  if (look.kind === 'read') return ['read', look.key, '', '']
  if (look.kind === 'newest') return ['newest', look.stream, '', '']
  return ['list', lowerBound(look.prefix, look.after), look.prefix, String(look.limit)]
}

/** What is damaged is damaged for whoever asks for it alone, and holds up nobody who asked beside them. */
function lookedOf(label: string, look: Look, answer: unknown): Looked | null {
  try {
    if (!Array.isArray(answer) || answer[0] === 3) return null
    if (look.kind === 'read') {
      const [, text] = answer
      return { kind: 'read', held: text === undefined ? null : parseDocument(label, look.key, text) }
    }
    const { pairs, end } = pageOf(label, answer)
    if (look.kind === 'list')
      return {
        kind: 'list',
        page: { items: pairs.map(([key, text]) => ({ key, ...parseDocument(label, key, text) })), end },
      }
    return {
      kind: 'newest',
      page: { items: pairs.map(([position, text]) => ({ position, value: parse(label, look.stream, text) })), end },
    }
  } catch (error) {
    if (error instanceof CutoverError) return null
    throw error
  }
}

function pageOf(label: string, answer: unknown): { pairs: [string, string][]; end: boolean } {
  if (!Array.isArray(answer)) throw strange(label)
  const [kind, ...texts] = answer
  if (kind === 2) throw corrupt(label, typeof texts[0] === 'string' ? texts[0] : 'a key')
  if (texts.length % 2 === 1 || !texts.every((text) => typeof text === 'string')) throw strange(label)
  const pairs: [string, string][] = []
  for (let at = 0; at < texts.length; at += 2) pairs.push([texts[at] ?? '', texts[at + 1] ?? ''])
  return { pairs, end: kind === 1 }
}

function parseDocument(label: string, key: string, text: unknown): Revised {
  if (typeof text !== 'string') throw strange(label)
  const [, revision, json] = /^(\d{1,16})\n(.+)$/s.exec(text) ?? []
  if (revision === undefined || json === undefined) throw corrupt(label, key)
  return { revision: Number(revision), value: parse(label, key, json) }
}

function parse(label: string, key: string, text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message would quote the text.
    throw corrupt(label, key)
  }
}

function corrupt(label: string, key: string): CutoverError {
  return new CutoverError('corrupt-document', `What ${label} holds under ${key} was not written by cutover.`, {
    details: { ledger: label, key },
  })
}

function strange(label: string): CutoverError {
  return new CutoverError('unavailable', `The answer of ${label} cannot be understood; a commit may have happened.`)
}
