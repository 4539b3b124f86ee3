import { CutoverError } from '../../../core/error.js'
import { inOneTick, type Waiting } from '../../redis/tick.js'
import { listOf, unexpected } from './replies.js'

export type Mget = (keys: readonly string[]) => Promise<unknown>

/**
 * Reads that are asked for in one tick, answered by one MGET.
 *
 * An MGET is atomic, so each read remains one access of all its keys at one moment; gathered reads have the same
 * moment, which lies between the asking and the answering of each. A read that is alone is sent as it is.
 *
 * What can go wrong: one lost answer is that of all the reads in it, and each asks again by itself. Records that are
 * too much for one answer are read one by one.
 */
export function gathering(mget: Mget): (keys: readonly string[]) => Promise<unknown[]> {
  return inOneTick(READS_MAX, (reads) => answer(mget, reads))
}

type Read = Waiting<readonly string[], unknown[]>

/** Reads in one MGET. */
const READS_MAX = 100

async function answer(mget: Mget, reads: readonly Read[]): Promise<void> {
  const [first] = reads
  if (first !== undefined && reads.length === 1) return alone(mget, first)
  const places = new Map<string, number>()
  for (const { asked } of reads) for (const key of asked) if (!places.has(key)) places.set(key, places.size)
  try {
    const values = listOf(await mget([...places.keys()]))
    if (values.length !== places.size) throw unexpected('MGET')
    for (const { asked, resolve } of reads) resolve(asked.map((key) => values[places.get(key) ?? -1]))
  } catch (error) {
    const tooLarge = error instanceof CutoverError && error.code === 'too-large'
    for (const read of reads) {
      if (tooLarge) await alone(mget, read)
      else read.reject(error)
    }
  }
}

function alone(mget: Mget, { asked, resolve, reject }: Read): Promise<void> {
  return mget(asked)
    .then((reply) => resolve(listOf(reply)))
    .catch(reject)
}
