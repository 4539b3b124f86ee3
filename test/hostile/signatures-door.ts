import { expect } from 'vitest'
import { type Answer, type Deployed, SECRETS } from './authorization-world.js'
import { BODY } from './signatures-tokens.js'

/** One delivery to the queue's door, and what became of it. */
export interface Delivery {
  path?: string
  signature?: string
  body?: string | Uint8Array
  headers?: readonly (readonly [name: string, value: string])[]
}

export function deliver(
  to: Deployed,
  { path = '/api/jobs/run', signature, body = BODY, headers = [] }: Delivery,
): Promise<Answer> {
  const signed = signature === undefined ? [] : [['upstash-signature', signature] as const]
  return to.ask({ method: 'POST', path, headers: [...headers, ...signed], body })
}

/** The run that `BODY` names does not exist, so that a delivery that is let in is ignored, and says so. */
export const LET_IN = [200, '{"kind":"ignored"}', true]
export const seen = ({ status, text, touched }: Answer): unknown[] => [status, text, touched]

/** Expects a refusal before a store was asked; answers the reason that was given. */
export function refused({ status, headers, text, touched }: Answer): string {
  expect([status, touched, headers.has('www-authenticate')]).toEqual([401, false, true])
  const problem = JSON.parse(text) as { code: string; details: { reason: string } }
  expect(problem.code).toBe('unauthenticated')
  for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret)
  return problem.details.reason
}
