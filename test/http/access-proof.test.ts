import fc from 'fast-check'
import { createAccessProof, encryptFlagDefinitions, encryptOverrides } from 'flags'
import { describe, expect, it } from 'vitest'
import { isAccessProof } from '../../lib/http/access-proof.js'
import { holdsAsync } from '../hostile/law.js'

const SECRET = Buffer.alloc(32, 7).toString('base64url')
const NOW = Date.now()

describe('a proof of access', () => {
  it('is one until its time is over', async () => {
    const proof = await createAccessProof(SECRET, '1h')
    expect(await isAccessProof(proof, SECRET, NOW)).toBe(true)
    expect(await isAccessProof(proof, SECRET, NOW + 2 * 3_600_000)).toBe(false)
  })

  it('is nothing that the secret has sealed for another purpose, nor with another secret', async () => {
    expect(await isAccessProof(await encryptOverrides({ pur: 'proof' } as never, SECRET), SECRET, NOW)).toBe(false)
    expect(await isAccessProof(await encryptFlagDefinitions({}, SECRET), SECRET, NOW)).toBe(false)
    const other = Buffer.alloc(32, 8).toString('base64url')
    expect(await isAccessProof(await createAccessProof(other), SECRET, NOW)).toBe(false)
  })

  it('bears no change of a single character, in whichever part', async () => {
    const proof = await createAccessProof(SECRET)
    const change = fc.record({ at: fc.nat(proof.length - 1), to: fc.constantFrom('A', 'z', '-', '.', '=', ' ', 'é') })
    await holdsAsync(change, 300, async ({ at, to }) => {
      const changed = proof.slice(0, at) + to + proof.slice(at + 1)
      // The last character of a part may carry bits that say nothing.
      const same = changed === proof || sameBytes(changed, proof)
      expect(await isAccessProof(changed, SECRET, NOW)).toBe(same)
    })
  })

  it('is no text that somebody makes up', async () => {
    const part = fc.oneof(fc.base64String(), fc.string(), fc.constant(''), fc.constant('e30'), fc.constant('bnVsbA'))
    await holdsAsync(fc.array(part, { maxLength: 7 }), 500, async (parts) => {
      expect(await isAccessProof(parts.join('.'), SECRET, NOW)).toBe(false)
    })
    expect(await isAccessProof('x'.repeat(1_000_000), SECRET, NOW)).toBe(false)
  })
})

function sameBytes(left: string, right: string): boolean {
  const [a, b] = [left, right].map((token) => token.split('.').map((part) => Buffer.from(part, 'base64url')))
  const [header, other] = [left, right].map((token) => token.split('.')[0])
  const isAlphabet = /^[\w.-]*$/.test(left)
  return (
    isAlphabet &&
    header === other &&
    a?.length === b?.length &&
    (a ?? []).every((part, n) => part.equals(b?.[n] ?? Buffer.alloc(0)))
  )
}
