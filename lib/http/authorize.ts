import { type Caller, includesRole, type Role } from '../commands/command.js'
import { CutoverError } from '../core/error.js'

/**
 * Who is calling, by bearer token, and what that allows. Without tokens the control plane is shut to everybody; the
 * records are open until an API token is configured.
 *
 * Tokens are compared by their SHA-256 digests, all of them on every call, so that the time taken tells nothing about
 * how much of a guess was right. A token that is not known counts as none.
 */
export function tokenAuthorizer(tokens: Tokens): Authorizer {
  const known = identities(tokens)
  const identifyToken = async (token: string | null): Promise<Identity> => {
    if (token === null) return { kind: 'anonymous' }
    const offered = await sha256(token)
    let found: Identity = { kind: 'anonymous' }
    for (const { identity, digest } of known) if (isEqual(await digest, offered)) found = identity
    return found
  }
  const identify = (request: Request): Promise<Identity> => identifyToken(bearerToken(request))
  return {
    identify,
    identifyToken,
    authorizeData: async (request, access) => checkData(await identify(request), access, tokens.apiToken === undefined),
    authorizeRole: async (request, needed) => checkRole(await identify(request), needed),
  }
}

export interface Authorizer {
  identify(request: Request): Promise<Identity>
  /** Whose token it is, in the time that any text takes. */
  identifyToken(token: string | null): Promise<Identity>
  /** The records. Throws `unauthenticated` or `forbidden`. */
  authorizeData(request: Request, access: 'read' | 'write'): Promise<void>
  /** The control plane. Throws `unauthenticated` or `forbidden`. */
  authorizeRole(request: Request, needed: Role): Promise<Caller>
}

export type Identity = { kind: 'caller'; caller: Caller & { role: Role } } | { kind: 'api' } | { kind: 'anonymous' }

export interface Tokens {
  /** For the application's own clients: records, nothing else. */
  apiToken?: string
  adminToken?: string
  operatorToken?: string
  viewerToken?: string
}

/** Weakest first: where two tokens are the same text, the stronger identity is found last and wins. */
function identities(tokens: Tokens): { identity: Identity; digest: Promise<Uint8Array> }[] {
  const list: [token: string | undefined, identity: Identity][] = [
    [tokens.apiToken, { kind: 'api' }],
    [tokens.viewerToken, holder('viewer')],
    [tokens.operatorToken, holder('operator')],
    [tokens.adminToken, holder('admin')],
  ]
  return list.flatMap(([token, identity]) => {
    if (token === undefined) return []
    if (token === '') throw new CutoverError('configuration', 'A token is empty. Give it a value or leave it out.')
    return [{ identity, digest: sha256(token) }]
  })
}

function holder(role: Role): Identity {
  return { kind: 'caller', caller: { name: `${role}-token`, role } }
}

function checkData(identity: Identity, access: 'read' | 'write', open: boolean): void {
  if (open || identity.kind === 'api') return
  if (identity.kind === 'anonymous') throw unauthenticated()
  if (access === 'write' && !includesRole(identity.caller.role, 'operator')) {
    throw new CutoverError('forbidden', 'A viewer may read records, not write them.')
  }
}

function checkRole(identity: Identity, needed: Role): Caller {
  if (identity.kind === 'anonymous') throw unauthenticated()
  if (identity.kind === 'caller') return checkHeld(identity.caller, needed)
  throw withoutRole(needed, 'access to the records only')
}

export function checkHeld<C extends Caller>(caller: C, needed: Role): C {
  if (includesRole(caller.role, needed)) return caller
  throw withoutRole(needed, `the role ${caller.role}`)
}

function withoutRole(needed: Role, held: string): CutoverError {
  return new CutoverError('forbidden', `This needs the role ${needed}; the token gives ${held}.`, {
    details: { needed },
  })
}

function unauthenticated(): CutoverError {
  return new CutoverError('unauthenticated', 'This needs a known token in the header "Authorization: Bearer <token>".')
}

function bearerToken(request: Request): string | null {
  return /^bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

/** In the time that the texts' lengths ask for, wherever they differ. */
export function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length
  for (const [at, byte] of left.entries()) difference |= byte ^ (right[at] ?? 0)
  return difference === 0
}
