import { call } from './api.js'

/** What the API answered, or why it did not, in a sentence. */
export type Answer<Value> = { kind: 'read'; value: Value } | Failed

export interface Failed {
  kind: 'failed'
  because: string
  signedOut: boolean
}

/** A look at something that the page's state does not hold. */
export async function read<Value>(path: string, query: Query, signal?: AbortSignal): Promise<Answer<Value>> {
  const answer = await call<Value>({
    method: 'GET',
    path: addressOf(path, query),
    ...(signal === undefined ? {} : { signal }),
  })
  switch (answer.kind) {
    case 'ok':
      return { kind: 'read', value: answer.value }
    case 'signed-out':
      return { kind: 'failed', because: 'The session has ended. Sign in again.', signedOut: true }
    case 'problem':
      return { kind: 'failed', because: answer.problem.message, signedOut: false }
    case 'refused':
      return { kind: 'failed', because: answer.refusal.inWords ?? answer.refusal.reason, signedOut: false }
    case 'unreachable':
    case 'unknown':
      return { kind: 'failed', because: 'The control plane does not answer.', signedOut: false }
  }
}

export type Query = { readonly [name: string]: string | number | null | undefined }

/** Below `/api/migration`; what is empty is left out. */
export function addressOf(path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  return `/api/migration${path}${given.length === 0 ? '' : `?${new URLSearchParams(given)}`}`
}
