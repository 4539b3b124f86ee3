/**
 * A process that adds 1 to a document `times` times by compare-and-swap, then exits with 0.
 * It prints one line for each acknowledged addition, and `unknown` for a put whose outcome it was not told.
 * Arguments: folder, times, who.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { CutoverError } from '../../../lib/core/error.js'
import { filesDocuments } from '../../../lib/drivers/documents/files.js'

const [dir = '', times = '0', who = ''] = process.argv.slice(2)
const attemptsMax = 100_000
const store = filesDocuments({ dir, durable: false, keepMs: 200 })

let done = 0
for (let attempt = 0; attempt < attemptsMax && done < Number(times); attempt += 1) {
  const document = await store.get('count.json')
  if (document === null || document === 'unchanged') throw new Error('the counter is absent')
  const { sum, marks } = JSON.parse(document.text) as { sum: number; marks: { [who: string]: number } }
  const text = JSON.stringify({ sum: sum + 1, marks: { ...marks, [who]: (marks[who] ?? 0) + 1 } })
  try {
    const outcome = await store.put('count.json', text, { ifMatch: document.etag })
    if (outcome.kind === 'conflict') {
      await pause(Math.random() * 5)
      continue
    }
    done += 1
    console.log(outcome.etag)
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code !== 'unavailable') throw error
    // The outcome is not known: count it as done only if the document says so.
    const now = await store.get('count.json')
    if (now === null || now === 'unchanged') throw error
    const applied = (JSON.parse(now.text) as { marks: { [who: string]: number } }).marks[who] ?? 0
    if (applied > (marks[who] ?? 0)) done += 1
    console.log('unknown')
  }
}
if (done < Number(times)) process.exitCode = 1
