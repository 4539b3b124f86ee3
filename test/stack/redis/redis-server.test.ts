import { describe, it } from 'vitest'
import { findOnPath } from '../../../scripts/stack/redis/backends/redis-process.js'
import { gatewayClauses } from './gateway-clauses.js'

if (findOnPath('redis-server') === null) {
  describe('gateway on redis-server', () => {
    it.skip('keeps every clause (skipped: redis-server is not on PATH)', () => {})
  })
} else {
  gatewayClauses('redis-server')
}
