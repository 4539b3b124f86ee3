import { expect, it } from 'vitest'
import { noAnswer } from '../../../lib/drivers/redis/fault.js'

it('says of what got no answer that it may have run, where that matters', () => {
  expect(noAnswer('SET').message).toBe('Redis gave no answer to SET; it may have run.')
  expect(noAnswer('evalsha').message).toBe('Redis gave no answer to EVALSHA; it may have run.')
  expect(noAnswer('get').message).toBe('Redis gave no answer to GET.')
})
