import { CutoverError } from '../../../lib/core/error.js'
import { memoryDocuments } from '../../../lib/drivers/documents/memory.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import type { DocumentStore } from '../../../lib/ports/document.js'
import { describeSource } from '../../contract/source.js'
import { realClock } from '../../contract/stores.js'

for (const shape of ['map', 'array'] as const) {
  describeSource(`A source in an ${shape} in memory`, async () => {
    const faulty = faultyDocuments()
    const open = () => documentSource({ ...faulty, name: 'items.json', collection: 'items', clock: realClock, shape })
    return { source: open(), another: open, outage: faulty.outage, loseNextAnswer: faulty.loseNextAnswer }
  })
}

function faultyDocuments() {
  const store = memoryDocuments()
  let out = false
  let losing = false
  const noAnswer = () => new CutoverError('unavailable', 'The documents do not answer.')
  const documents: DocumentStore = {
    ...store,
    async get(name, knownEtag) {
      if (out) throw noAnswer()
      return store.get(name, knownEtag)
    },
    async put(name, text, condition) {
      if (out) throw noAnswer()
      const answer = await store.put(name, text, condition)
      if (!losing) return answer
      losing = false
      throw noAnswer()
    },
  }
  return {
    documents,
    outage: (on: boolean) => {
      out = on
    },
    loseNextAnswer: () => {
      losing = true
    },
  }
}
