import { includesRole, ROLES, type Role } from '../commands/command.js'
import { CutoverError } from '../core/error.js'

/** Which server, and with what right. */
export interface Connection {
  /** Origin and path, without slash at the end and without credentials: safe to show. */
  url: string
  /** The tokens at hand, weakest role first. */
  tokens: readonly { role: Role; token: string }[]
}

export type Environment = { readonly [name: string]: string | undefined }

/** Throws `configuration` with the names of the variables that are wrong, never with what they hold. */
export function connectionOf(env: Environment): Connection {
  const tokens = ROLES.flatMap((role) => {
    const name = TOKEN_VARIABLES[role]
    const token = env[name] ?? ''
    if (token === '') return []
    if (!/^[\x21-\x7e]+$/.test(token)) throw misconfigured(`${name} contains blanks or characters outside ASCII.`)
    return [{ role, token }]
  })
  return { url: urlOf(env.CUTOVER_URL ?? ''), tokens }
}

export const DEFAULT_URL = 'http://127.0.0.1:3000'
export const TOKEN_VARIABLES = {
  viewer: 'CUTOVER_VIEWER_TOKEN',
  operator: 'CUTOVER_OPERATOR_TOKEN',
  admin: 'CUTOVER_ADMIN_TOKEN',
} as const

/** The weakest token that is enough, or else the strongest: the server then says what is missing. */
export function tokenFor(connection: Connection, needed: Role): string | null {
  const enough = connection.tokens.find((held) => includesRole(held.role, needed))
  return (enough ?? connection.tokens.at(-1))?.token ?? null
}

/** User, password, query and fragment are dropped: who calls is said by the token alone. */
function urlOf(text: string): string {
  const given = text === '' ? DEFAULT_URL : text
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) {
    throw misconfigured('CUTOVER_URL is not an address that begins with http:// or https://.')
  }
  const url = new URL(given)
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function misconfigured(message: string): CutoverError {
  return new CutoverError('configuration', message)
}
