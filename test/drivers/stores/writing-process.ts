/**
 * A process that adds 1 to the record `sum` and to a record of its own, `times` times each, `abreast` additions at once,
 * through a source over files; then exits with 0. It prints one line for each acknowledged addition.
 * Arguments: folder, who, times, abreast.
 */
import { type Copy, versionOf } from '../../../lib/core/copy.js'
import { CutoverError } from '../../../lib/core/error.js'
import { filesDocuments } from '../../../lib/drivers/documents/files.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import { fenceAt, realClock } from '../../contract/stores.js'

const [dir = '', who = '', times = '0', abreast = '1'] = process.argv.slice(2)
const ATTEMPTS_MAX = 10_000
const documents = filesDocuments({ dir, durable: false })
const source = documentSource({ documents, name: 'sums.json', collection: 'sums', clock: realClock })

let left = Number(times)
async function worker(): Promise<void> {
  while (left > 0) {
    left -= 1
    const op = realClock.id().replaceAll('-', '')
    console.log(`sum ${await add('sum', op)}`)
    console.log(`${who} ${await add(who, `${op}-own`)}`)
  }
}

async function add(id: string, op: string): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    try {
      const { copy, remembered } = await source.get(id, op)
      if (remembered !== null) return remembered.version
      const write = { id, base: versionOf(copy), op, named: true, value: { id, n: nOf(copy) + 1 } }
      const answer = await source.cas(fenceAt(1), write)
      if (answer.kind === 'ok' || answer.kind === 'known') return answer.version
    } catch (error) {
      // Not known: the operation is named, so the next look tells.
      if (!(error instanceof CutoverError) || error.code !== 'unavailable') throw error
    }
  }
  throw new Error('this process has starved')
}

function nOf(copy: Copy | null): number {
  return Number(copy?.value?.n ?? 0)
}

await Promise.all(Array.from({ length: Number(abreast) }, worker))
