import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { KeyspaceEntry, RedisDatabase } from 'js-redis-server/core'
import { CutoverError } from '../../../../lib/core/error.js'

/**
 * Keeps an embedded database in a file: loads it now, and writes all of it again after changes.
 *
 * - A snapshot is one moment between two commands: never half of a script or transaction.
 * - The file is replaced as one; after a crash it is the last snapshot that was complete.
 * - Writes after the last snapshot are lost with the process. `close` takes a last one.
 * - A file that cannot be read is an error, never an empty database.
 *
 * The format is V8's own serialization, which keeps bytes, maps and stream identifiers as they are; a newer Node
 * reads what an older one wrote. The cost is that of the whole database: about 80 ms for 10,000 records of 1 kB.
 */
export async function openSnapshot(file: string, database: RedisDatabase): Promise<Snapshot> {
  await mkdir(dirname(file), { recursive: true })
  for (const { key, value, expiresAt } of await read(file)) {
    if (expiresAt === undefined) database.set(key, value)
    else if (expiresAt > Date.now()) database.set(key, value, { expiresAt })
  }
  const schedule = new Schedule(() => write(file, database))
  const unsubscribe = database.subscribe(() => schedule.changed())
  return {
    close: async () => {
      unsubscribe()
      await schedule.finish()
    },
  }
}

export interface Snapshot {
  /** Takes the last snapshot. Rejects if it cannot be written. */
  close(): Promise<void>
}

const QUIET_MS = 250
const WAIT_MS_MAX = 1_000
const FORMAT = 'cutover-redis-snapshot-1'

/** Runs `save` after changes: when they have been quiet for a while, or have gone on for too long; one at a time. */
class Schedule {
  readonly #save: () => Promise<void>
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> | null = null
  #firstChangeAt: number | null = null
  #finished = false

  constructor(save: () => Promise<void>) {
    this.#save = save
  }

  changed(): void {
    this.#firstChangeAt ??= performance.now()
    if (this.#saving === null && !this.#finished) this.#arm(this.#firstChangeAt)
  }

  /** Saves what is not yet saved; rejects if that fails. */
  async finish(): Promise<void> {
    this.#finished = true
    clearTimeout(this.#timer)
    await this.#saving?.catch(() => {})
    if (this.#firstChangeAt !== null) await this.#run()
  }

  #arm(firstChangeAt: number): void {
    const wait = Math.min(QUIET_MS, firstChangeAt + WAIT_MS_MAX - performance.now())
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#run().catch((error: unknown) => {
          process.emitWarning(`A snapshot of Redis could not be written, and will be tried again: ${String(error)}`)
        })
      },
      Math.max(0, wait),
    )
    this.#timer.unref()
  }

  async #run(): Promise<void> {
    // Changes from here on belong to the next run.
    this.#firstChangeAt = null
    this.#saving = this.#save()
    try {
      await this.#saving
    } catch (error) {
      this.#firstChangeAt ??= performance.now()
      throw error
    } finally {
      this.#saving = null
      if (this.#firstChangeAt !== null && !this.#finished) this.#arm(this.#firstChangeAt)
    }
  }
}

async function read(file: string): Promise<KeyspaceEntry[]> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  try {
    const content = deserialize(bytes) as { format?: unknown; entries: KeyspaceEntry[] }
    if (content.format === FORMAT) return content.entries
  } catch {
    // Not a snapshot, or only the beginning of one.
  }
  throw new CutoverError(
    'corrupt-document',
    `${file} is not a Redis snapshot of this version; move it away to begin empty.`,
  )
}

async function write(file: string, database: RedisDatabase): Promise<void> {
  const turn = await database.turnQueue.waitTurn()
  let bytes: Buffer
  try {
    bytes = serialize({ format: FORMAT, entries: database.entriesSnapshot() })
  } finally {
    turn.release()
  }
  const handle = await open(`${file}.next`, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.next`, file)
}
