import type { Purpose } from '../core/estimate/metered.js'
import type { Spending } from '../engine/metrics/spending.js'
import type { DocumentStore } from '../ports/document.js'
import type { Queue } from '../ports/queue.js'

/** The same documents, with what is billed of them counted under a component. */
export function meteredDocuments(documents: DocumentStore, spending: Spending, component: string): DocumentStore {
  const read = (): void => spending.count(component, 'documentReads')
  const write = (): void => spending.count(component, 'documentWrites')
  return {
    label: documents.label,
    get(name, knownEtag) {
      read()
      return documents.get(name, knownEtag)
    },
    put(name, text, condition) {
      write()
      return documents.put(name, text, condition)
    },
    // Nothing is paid for a removal, and for a list as for a write.
    remove: (name, condition) => documents.remove(name, condition),
    list(prefix) {
      write()
      return documents.list(prefix)
    },
  }
}

/** The same queue, with what it has taken counted. */
export function meteredQueue(queue: Queue, spending: Spending, purpose: Purpose, component: string): Queue {
  return {
    label: queue.label,
    async publish(message) {
      const published = await queue.publish(message)
      spending.countFor(purpose, component, 'messages')
      return published
    },
  }
}
