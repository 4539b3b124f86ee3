import { describe } from 'vitest'
import { describeClients } from './clauses-clients.js'
import { describeFaults } from './clauses-faults.js'
import { describePersistence } from './clauses-persistence.js'
import { describeProtocol } from './clauses-protocol.js'
import { describeScripts } from './clauses-scripts.js'

/** Everything that the gateway promises, whatever Redis is behind it. */
export function gatewayClauses(backend: 'embedded' | 'redis-server'): void {
  describe(`gateway on ${backend}`, () => {
    describeClients(backend)
    describeScripts(backend)
    describeProtocol(backend)
    describeFaults(backend)
    describePersistence(backend)
  })
}
