import { createHash } from 'node:crypto'
import { CutoverError } from '../../core/error.js'
import type { DocumentStore } from '../../ports/document.js'
import { checkName, checkPrefix, checkText, decodeText } from './accepted.js'
import { namesInFolders } from './files-list.js'
import { isFsError, type Place, placeOf } from './files-place.js'
import { publish, reconcilePlainFile } from './files-plain.js'
import { attemptsMax, commit, prune, readRevision, revisionSize, scan } from './files-revisions.js'

export interface FilesOptions {
  /** The folder that holds the documents; made at the first put. On a local file system (link(2) must be atomic). */
  dir: string
  /** Whether an acknowledged put survives a power failure (fsync), not only the end of the process. Default true. */
  durable?: boolean
  /** Revisions that are never deleted, counted from the highest: the same in every process. Default 32. */
  keepRevisions?: number
  /** A revision is deleted when the one `keepRevisions` above it is at least this old. Default 10,000 ms. */
  keepMs?: number
}

/**
 * Documents as files, for several processes at once: no lock, so nothing to break when a process is killed (SIGKILL) or
 * stopped for any time (SIGSTOP) between any two instructions.
 *
 * The truth about `projects.json` is the highest numbered revision beside it, `.projects.json.<N>` (empty: removed).
 * The plain `projects.json` is a copy for other programs. Before the first put there are no revisions and the plain
 * file is revision 0; the first put keeps a copy of it as `.projects.json.0`, then goes on from there.
 *
 * Why a put is a compare-and-swap. A revision file is complete before it has its name, is never written again, and gets
 * its name by link(2), which fails if the name exists. Numbers have no gaps, so while N+1 has never existed N is the
 * highest, and linking N+1 replaces exactly revision N. What is left is a writer that stalled before its link while N+1
 * was made by another AND deleted again: its link succeeds on a number long past (a stray). Revision K is deleted only
 * when K + keepRevisions exists, and the highest is never deleted. So the writer looks once more after its link: if the
 * highest is below (N+1) + keepRevisions, its number was never deleted, hence never used: the put is genuine. Else it
 * may be a stray, and the put throws 'unavailable' (outcome not known). It does not delete its file: a genuine
 * revision must not be taken from the middle, and a stray is the lowest number, which the next pruning removes.
 *
 * Why a read is linearizable. Let H be the highest when a read starts. A folder scan returns every file that exists
 * throughout. H could vanish during the scan only if H + keepRevisions is older than keepMs, and a scan that took
 * longer than a fraction of keepMs is done again, so that revision existed before the read and H was not the highest.
 * So the scan answers H or a later one; a file that is gone when it is opened means a new scan. Clocks matter only
 * there, and only when a stray, a stop within a scan and a jump of the clock by keepMs meet.
 *
 * What can go wrong: the plain file lags behind for a moment, or (a publisher was killed between two of its steps)
 * until the next put or the next start; see `files-plain.ts`. Programs may read the plain file and must not write it;
 * a file that was replaced by hand is found when the document is first used, and refused. A name is a document or a
 * folder, never both.
 */
export function filesDocuments(options: FilesOptions): DocumentStore {
  const { dir } = options
  const settings = {
    durable: options.durable ?? true,
    keepRevisions: options.keepRevisions ?? 32,
    keepMs: options.keepMs ?? 10_000,
  }
  const label = `files:${dir}`
  const opened = new Map<string, Promise<void>>()

  async function open(name: string): Promise<Place> {
    const place = placeOf(dir, name, settings)
    const opening = opened.get(name) ?? reconcilePlainFile(place)
    opened.set(name, opening)
    try {
      await opening
    } catch (error) {
      opened.delete(name)
      throw error
    }
    return place
  }

  return {
    label,
    async get(name, knownEtag) {
      checkName(name)
      return answering(label, name, async () => read(await open(name), label, knownEtag))
    },
    async put(name, text, { ifMatch }) {
      checkName(name)
      checkText(name, text)
      return answering(label, name, async () => {
        const number = await replace(await open(name), Buffer.from(text), ifMatch)
        return number === null ? { kind: 'conflict' } : { kind: 'stored', etag: String(number) }
      })
    },
    async remove(name, { ifMatch }) {
      checkName(name)
      return answering(label, name, async () => {
        const number = await replace(await open(name), Buffer.alloc(0), ifMatch)
        return { kind: number === null ? 'conflict' : 'removed' }
      })
    },
    async list(prefix) {
      checkPrefix(prefix)
      return answering(label, prefix, () => namesInFolders(dir, prefix, settings))
    },
  }
}

async function read(place: Place, label: string, knownEtag: string | undefined) {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const { highest, plain } = await scan(place)
    if (highest === null && !plain) return null
    if (highest !== null && highest > 0 && knownEtag === String(highest)) return 'unchanged'
    const bytes = await readRevision(place, highest)
    if (bytes === null) continue
    if (bytes.length === 0) return removedOrEmpty(place, highest)
    const etag = etagOf(highest, bytes)
    return etag === knownEtag ? 'unchanged' : { etag, text: decodeText(place.name, label, bytes) }
  }
  throw new CutoverError('unavailable', `Document ${place.name} changed too fast to be read; read it again.`)
}

/** Links the next revision if the current one is `ifMatch`; answers its number, or null for a conflict. */
async function replace(place: Place, bytes: Uint8Array, ifMatch: string | null): Promise<number | null> {
  let before = await current(place)
  if (before.adopt !== null && before.etag === ifMatch) {
    await commit(place, 0, before.adopt)
    before = await current(place)
  }
  if (before.etag !== ifMatch) return null
  const number = before.number + 1
  if (!(await commit(place, number, bytes))) return null
  const { highest, revisions, temporaries } = await scan(place)
  if (highest === null || highest >= number + place.settings.keepRevisions) {
    throw new CutoverError(
      'unavailable',
      `Document ${place.name} was replaced many times while this put stood still; whether it took effect is not known.`,
      { details: { document: place.name, revision: number } },
    )
  }
  await publish(place, { number, bytes })
  await prune(place, revisions, temporaries)
  return number
}

/** The revision that a put would replace. `adopt` holds the plain file's bytes when there are no revisions yet. */
async function current(place: Place): Promise<{ number: number; etag: string | null; adopt: Uint8Array | null }> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const { highest, plain, folder } = await scan(place)
    if (folder) {
      throw new CutoverError('invalid-input', `${place.name} is a folder in this store and cannot be a document.`)
    }
    if (highest === null && !plain) return { number: 0, etag: null, adopt: null }
    if (highest !== null && highest > 0) {
      const size = await revisionSize(place, highest)
      if (size !== null) return { number: highest, etag: size === 0 ? null : String(highest), adopt: null }
      continue
    }
    const bytes = await readRevision(place, highest)
    if (bytes === null) continue
    if (bytes.length === 0) return removedOrEmpty(place, highest) ?? { number: 0, etag: null, adopt: null }
    return { number: 0, etag: etagOf(0, bytes), adopt: highest === null ? bytes : null }
  }
  throw new CutoverError('unavailable', `Document ${place.name} changed too fast to be replaced; read it again.`)
}

/** Revision 0 was made by someone else and may change under our eyes, so its ETag must tell its text. */
function etagOf(revision: number | null, bytes: Uint8Array): string {
  if (revision !== null && revision > 0) return String(revision)
  return `0-${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}`
}

/** An empty revision is a removed document; an empty plain file is nobody's document and is not taken for absence. */
function removedOrEmpty(place: Place, revision: number | null): null {
  if (revision !== null) return null
  throw new CutoverError('corrupt-document', `The file ${place.plain} is empty; restore it, or delete it.`, {
    details: { document: place.name },
  })
}

async function answering<T>(label: string, name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof CutoverError) throw error
    const code = isFsError(error) ? (error.code ?? 'unknown') : 'unknown'
    throw new CutoverError('unavailable', `The document store ${label} cannot answer for "${name}" (${code}).`, {
      cause: error,
      details: { document: name, errno: code },
    })
  }
}
