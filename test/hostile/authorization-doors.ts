import { includesRole, ROLES, type Role } from '../../lib/commands/command.js'
import { type AnyCommand, commands } from '../../lib/commands/index.js'
import { CONTROL_BASE, placesOf } from '../../lib/http/control.js'
import type { Credential } from './authorization-credentials.js'

/** Who may pass at a route. The operators' part is made from the list of their verbs; the rest is said by hand. */
export type Door =
  | { kind: 'public' }
  | { kind: 'records'; access: 'read' | 'write' }
  | { kind: 'operators'; command: AnyCommand }
  /** What operators read that is no verb: for viewers and up. */
  | { kind: 'viewers' }
  | { kind: 'queue' }
  | { kind: 'cron' }
  | { kind: 'mcp' }
  | { kind: 'toolbar' }
  /** Whose session it is: only the session's own cookie tells. */
  | { kind: 'session' }
  /** What begins or ends a session, for pages of our own origin; none of these requests says that it comes from there. */
  | { kind: 'own-page' }

export interface Route {
  method: string
  path: string
}

const BY_HAND: { [route: string]: Door } = {
  // The page: a form for whoever is not signed in, and nothing of the migration. Tokens are not looked at.
  'GET /': { kind: 'public' },
  'GET /api/health': { kind: 'public' },
  'GET /openapi.json': { kind: 'public' },
  'GET /docs': { kind: 'public' },
  'GET /.well-known/oauth-protected-resource/mcp': { kind: 'public' },
  'GET /api/v1/:collection': { kind: 'records', access: 'read' },
  'GET /api/v1/:collection/:id': { kind: 'records', access: 'read' },
  'PUT /api/v1/:collection/:id': { kind: 'records', access: 'write' },
  'PATCH /api/v1/:collection/:id': { kind: 'records', access: 'write' },
  'DELETE /api/v1/:collection/:id': { kind: 'records', access: 'write' },
  'POST /api/jobs/run': { kind: 'queue' },
  'POST /api/jobs/tick': { kind: 'queue' },
  'POST /api/jobs/program': { kind: 'queue' },
  'GET /api/migration/events': { kind: 'viewers' },
  'GET /api/migration/metrics/prometheus': { kind: 'viewers' },
  'GET /api/session': { kind: 'session' },
  'POST /api/session': { kind: 'own-page' },
  'DELETE /api/session': { kind: 'own-page' },
  'POST /api/session/end': { kind: 'own-page' },
  'GET /api/cron/tick': { kind: 'cron' },
  'ALL /mcp': { kind: 'mcp' },
  'POST /ofrep/v1/evaluate/flags': { kind: 'records', access: 'read' },
  'POST /ofrep/v1/evaluate/flags/:key': { kind: 'records', access: 'read' },
  'GET /ofrep/v1/configuration': { kind: 'records', access: 'read' },
  'GET /.well-known/vercel/flags': { kind: 'toolbar' },
}

const OPERATORS = Object.fromEntries(
  commands.flatMap(placesOf).map(({ command, path: place }): [string, Door] => {
    const path = CONTROL_BASE + place.replace(/\{(\w+)\}/g, ':$1')
    return [`${command.http.method} ${path}`, { kind: 'operators', command }]
  }),
)

export const DOORS: { readonly [route: string]: Door } = { ...BY_HAND, ...OPERATORS }

/** Throws the sentence that says what to do for a route that nobody has said anything about. */
export function doorOf({ method, path }: Route): Door {
  const door = DOORS[`${method} ${path}`]
  if (door !== undefined) return door
  throw new Error(
    `${method} ${path} is served, and nobody has said who may call it. If it is an operators' verb, put it into ` +
      'lib/commands/index.ts; otherwise add it to BY_HAND in test/hostile/authorization-doors.ts with its door, and ' +
      'see that its handler refuses before it reads anything.',
  )
}

/** `pass`, or the status of the refusal. */
export type Verdict = 'pass' | 401 | 403

/** What the door must say to whom. `open`: no API token is configured, so that the records are everybody's. */
export function verdictOf(door: Door, { is, headers }: Credential, open: boolean): Verdict {
  switch (door.kind) {
    case 'public':
      return 'pass'
    case 'queue':
      return 401 // no token passes here, only a signature
    case 'toolbar':
      return 401 // nor here: only a proof that is sealed with a secret of its own
    case 'session':
      return 401
    case 'own-page':
      return 403
    case 'cron':
      return is === 'cron' ? 'pass' : 401
    case 'records':
      if (open || is === 'api') return 'pass'
      if (is === 'nobody' || is === 'cron') return 401
      return door.access === 'read' || includesRole(is, 'operator') ? 'pass' : 403
    case 'mcp': {
      const known = is !== 'nobody' && is !== 'cron'
      const brought = headers.some(([name]) => name === 'authorization')
      return known || (open && !brought) ? 'pass' : 401
    }
    case 'viewers':
    case 'operators': {
      if (is === 'nobody' || is === 'cron') return 401
      const role: Role | null = ROLES.find((candidate) => candidate === is) ?? null
      const needed = door.kind === 'viewers' ? 'viewer' : door.command.role
      return includesRole(role, needed) ? 'pass' : 403
    }
  }
}
