import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { CutoverError, type ErrorCode } from '../../lib/core/error.js'

/** What an attempt came to. Anything thrown but a `CutoverError` is a fault of the code under test. */
export type Attempt<T> = { kind: 'taken'; value: T } | { kind: 'refused'; error: CutoverError }

export function attempt<T>(act: () => T): Attempt<T> {
  try {
    return { kind: 'taken', value: act() }
  } catch (error) {
    return { kind: 'refused', error: ownError(error) }
  }
}

export async function attemptAsync<T>(act: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: 'taken', value: await act() }
  } catch (error) {
    return { kind: 'refused', error: ownError(error) }
  }
}

/** The refusal has one of the codes that the parser promises. */
export function expectCode(tried: Attempt<unknown>, ...codes: ErrorCode[]): void {
  if (tried.kind === 'refused') expect(codes).toContain(tried.error.code)
}

export function ownError(error: unknown): CutoverError {
  if (error instanceof CutoverError) return error
  throw new Error('Something else than a CutoverError was thrown.', { cause: error })
}

/** Equal in every value. The comparisons of the test runner are misled by members named `constructor` or `__proto__`. */
export function expectSame(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted)) expect(JSON.stringify(found)).toBe(`equal to ${JSON.stringify(wanted)}`)
}

/** Nothing that was parsed has reached the prototypes that everything shares. */
export function expectUnpolluted(): void {
  const added = [Object.prototype, Array.prototype, Function.prototype, String.prototype].flatMap((prototype) =>
    Object.keys(prototype),
  )
  expect(added).toEqual([])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
}
