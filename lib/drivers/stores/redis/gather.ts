import { CutoverError } from '../../../core/error.js'
import { listOf, unexpected } from './replies.js'

export type Mget = (keys: readonly string[]) => Promise<unknown>

/**
 * Reads that are asked for in one tick, answered by one MGET.
 *
 * An MGET is atomic, so each read remains one access of all its keys at one moment; gathered reads have the same
 * moment, which lies between the asking and the answering of each. A read that is alone is sent as it is. Nothing waits
 * for a timer or for an answer under way: what is asked in the same run of callbacks goes together.
 *
 * What can go wrong: one lost answer is that of all the reads in it, and each asks again by itself. Records that are
 * too much for one answer are read one by one.
 */
export function gathering(mget: Mget): (keys: readonly string[]) => Promise<unknown[]> {
  let waiting: Waiting[] = []
  async function flush(): Promise<void> {
    await null // those that are answered together ask again together, but one after the other
    const all = waiting
    waiting = []
    for (let start = 0; start < all.length; start += READS_MAX) void answer(mget, all.slice(start, start + READS_MAX))
  }
  return (keys) =>
    new Promise((resolve, reject) => {
      waiting.push({ keys, resolve, reject })
      if (waiting.length === 1) void flush()
    })
}

interface Waiting {
  keys: readonly string[]
  resolve: (values: unknown[]) => void
  reject: (error: unknown) => void
}

/** Reads in one MGET. */
const READS_MAX = 100

async function answer(mget: Mget, reads: readonly Waiting[]): Promise<void> {
  const [first] = reads
  if (first !== undefined && reads.length === 1) return alone(mget, first)
  const places = new Map<string, number>()
  for (const { keys } of reads) for (const key of keys) if (!places.has(key)) places.set(key, places.size)
  try {
    const values = listOf(await mget([...places.keys()]))
    if (values.length !== places.size) throw unexpected('MGET')
    for (const { keys, resolve } of reads) resolve(keys.map((key) => values[places.get(key) ?? -1]))
  } catch (error) {
    const tooLarge = error instanceof CutoverError && error.code === 'too-large'
    for (const read of reads) {
      if (tooLarge) await alone(mget, read)
      else read.reject(error)
    }
  }
}

function alone(mget: Mget, { keys, resolve, reject }: Waiting): Promise<void> {
  return mget(keys)
    .then((reply) => resolve(listOf(reply)))
    .catch(reject)
}
