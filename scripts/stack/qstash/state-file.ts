import { open, readFile, rename } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * One text file that always holds a whole snapshot.
 *
 * - `flush` resolves only once every change made before the call is on disk; callers that come together share a write.
 * - A crash leaves the snapshot before or after a write, never a mixture (write beside, sync, rename).
 * - Changes that nobody flushes are written within `debounceMs`, so a crash may forget the end of a delivery, which is
 *   then made again, but never a message whose publish was answered.
 * - Without a path everything is kept in memory only and `flush` has nothing to do.
 */
export class StateFile {
  readonly #path: string | null
  readonly #snapshot: () => string
  #changes = 0
  #written = 0
  #writing: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(path: string | null, snapshot: () => string) {
    this.#path = path
    this.#snapshot = snapshot
  }

  /** Notes a change that may be written a little later. */
  changed(): void {
    this.#changes += 1
    if (this.#path === null || this.#timer !== null) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      // A failed write is not lost: the next flush tries again and reports it to its caller.
      this.flush().catch(() => {})
    }, debounceMs)
  }

  async flush(): Promise<void> {
    if (this.#path === null) return
    const wanted = this.#changes
    while (this.#written < wanted) {
      this.#writing ??= this.#write(this.#path).finally(() => {
        this.#writing = null
      })
      await this.#writing
    }
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    await this.flush()
  }

  async #write(path: string): Promise<void> {
    await nextTurn()
    const upTo = this.#changes
    const beside = `${path}.next`
    const file = await open(beside, 'w')
    try {
      await file.writeFile(this.#snapshot(), 'utf8')
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
    this.#written = upTo
  }
}

/** The snapshot, or `null` if there is none yet. Any other trouble throws. */
export async function readSnapshot(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

const debounceMs = 100
