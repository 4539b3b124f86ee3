import { CutoverError } from '../core/error.js'

/**
 * For requests to which a browser adds a cookie by itself, and which change something: throws `forbidden` unless a
 * page of our own origin sent them. Browsers say where a request comes from, in headers that no page can write:
 * `Sec-Fetch-Site` to what they trust (https, this machine), and `Origin` with everything but GET and HEAD. A request
 * that says neither is refused, too.
 *
 * Another port and another scheme are another origin; a sibling under the same domain ("same-site") is nobody of ours.
 */
export function checkSameOrigin(request: Request, publicUrl: string): void {
  const site = request.headers.get('sec-fetch-site')
  if (site === null ? isOwn(request, publicUrl) : site === 'same-origin') return
  throw new CutoverError(
    'forbidden',
    'With a session, only the dashboard’s own page may ask for this, and the request does not come from there. ' +
      'Programs bring a token in the header "Authorization: Bearer <token>".',
  )
}

/** A proxy may have changed `Host`, so the address that the deployment is known by counts as well. */
function isOwn(request: Request, publicUrl: string): boolean {
  const text = request.headers.get('origin') ?? ''
  if (!URL.canParse(text)) return false
  const { origin, protocol, host } = new URL(text)
  if (origin !== text) return false
  const own = new URL(publicUrl)
  // Behind https the cookie is for https alone: a page that came without it was not ours.
  const isScheme = own.protocol !== 'https:' || protocol === 'https:'
  return origin === own.origin || (isScheme && host === hostOf(request, protocol))
}

/** Without the port that the scheme implies, as `URL` has it. */
function hostOf(request: Request, protocol: string): string {
  const named = `${protocol}//${request.headers.get('host') ?? new URL(request.url).host}`
  return URL.canParse(named) ? new URL(named).host : ''
}
