import { mkdtemp, rename, rm, symlink, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CutoverError } from '../../../lib/core/error.js'
import { filesDocuments } from '../../../lib/drivers/documents/files.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import type { DocumentStore } from '../../../lib/ports/document.js'
import { describeSource } from '../../contract/source.js'
import { realClock } from '../../contract/stores.js'

describeSource('A source in a file', async () => {
  const root = await mkdtemp(join(tmpdir(), 'source-'))
  const dir = join(root, 'data')
  let losing = false
  const open = () => {
    const files = filesDocuments({ dir, durable: false })
    const documents: DocumentStore = {
      ...files,
      async put(name, text, condition) {
        const answer = await files.put(name, text, condition)
        if (!losing) return answer
        losing = false
        throw new CutoverError('unavailable', 'The answer was lost.')
      },
    }
    return documentSource({ documents, name: 'items.json', collection: 'items', clock: realClock })
  }
  return {
    source: open(),
    another: open,
    // Not even root can read a folder through a link that leads to itself.
    outage: async (on) => {
      await (on ? rename(dir, `${dir}-away`) : unlink(dir))
      await (on ? symlink(dir, dir) : rename(`${dir}-away`, dir))
    },
    loseNextAnswer: () => {
      losing = true
    },
    close: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  }
})
