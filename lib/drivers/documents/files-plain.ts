import { rename, unlink } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { CutoverError } from '../../core/error.js'
import { isFsError, type Place, writeTemporary } from './files-place.js'
import { attemptsMax, readRevision, scan } from './files-revisions.js'

/**
 * The plain file: a copy of the highest revision for programs that know nothing of revisions. It is replaced by rename,
 * so that they read one whole text or another. It is not the truth and nobody here reads it as such once there are
 * revisions. It is a copy, not a hard link: an editor that writes in place must not change a revision.
 */

/**
 * Makes the plain file equal to the highest revision, which at first is presumably `known`.
 *
 * Two publishers may overtake each other, and a stalled one puts an older text over a newer one. So each looks again
 * after its rename and goes on until the highest is what it has just put there: whoever renames last leaves the
 * newest. A publisher that is killed between rename and look leaves an older text until the next put or start.
 */
export async function publish(place: Place, known?: { number: number; bytes: Uint8Array }): Promise<void> {
  let published: number | null = null
  for (let attempt = 0; attempt < publishAttemptsMax; attempt += 1) {
    const { highest } = await scan(place)
    if (highest === null || highest === published) return
    const bytes = known?.number === highest ? known.bytes : await readRevision(place, highest)
    if (bytes === null) continue
    if (bytes.length === 0) await removePlain(place)
    else await rename(await writeTemporary(place, bytes, false), place.plain)
    published = highest
  }
}

/**
 * Run when a document is first used: finishes what a killed publisher left, and refuses a plain file that is none of
 * the kept revisions, because someone has put it there by hand and a put would silently undo that. The comparison is
 * done twice with a pause, since a stalled publisher may be about to mend what it did. The plain file is read before
 * the revisions are listed, so that what it holds was a revision by then. An empty one is what a power failure leaves
 * of a rename that was not synced.
 */
export async function reconcilePlainFile(place: Place): Promise<void> {
  let highest: number | null = null
  for (let attempt = 0; attempt < comparisons; attempt += 1) {
    if (attempt > 0) await pause(pauseMs)
    const plain = await readPlain(place)
    const found = await scan(place)
    highest = found.highest
    if (highest === null) return
    if (plain === null || plain.length === 0) return await publish(place)
    for (const number of found.revisions.toReversed()) {
      const bytes = await readRevision(place, number)
      if (bytes === null || Buffer.compare(bytes, plain) !== 0) continue
      return number === highest ? undefined : await publish(place)
    }
  }
  throw new CutoverError(
    'corrupt-document',
    `The file ${place.plain} was replaced by hand: it is none of the kept revisions (the highest is ${highest}). ` +
      `Stop every process, then either delete the files .${place.base}.<number> beside it to take it as it is, ` +
      `or delete ${place.plain} to have revision ${highest} restored.`,
    { details: { document: place.name, file: place.plain, revision: highest } },
  )
}

const publishAttemptsMax = 4 * attemptsMax
const comparisons = 2
const pauseMs = 400

async function readPlain(place: Place): Promise<Uint8Array | null> {
  try {
    return await readRevision(place, null)
  } catch (error) {
    if (isFsError(error, 'EISDIR', 'ENOTDIR')) return null
    throw error
  }
}

async function removePlain(place: Place): Promise<void> {
  try {
    await unlink(place.plain)
  } catch (error) {
    if (!isFsError(error, 'ENOENT')) throw error
  }
}
