/**
 * One cookie of ours. Under https it is bound to this very host and to secure connections, by its attributes and by
 * its name, which browsers give to nobody else (`__Host-`, RFC 6265bis). Without https, on one's own machine, neither
 * is to be had; there cookies of all ports are one jar, and the name tells them apart.
 */
export function cookieJar(publicUrl: string): CookieJar {
  const { protocol, port } = new URL(publicUrl)
  const secure = protocol === 'https:'
  const name = secure ? '__Host-cutover' : `cutover${port === '' ? '' : `-${port}`}`
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  return {
    read: (request) => onlyValueOf(request.headers.get('cookie') ?? '', name),
    write: (value, seconds) => `${name}=${value}; Max-Age=${seconds}; ${attributes}`,
    clear: `${name}=; Max-Age=0; ${attributes}`,
  }
}

export interface CookieJar {
  /** `null` also where there is more than one: then somebody else has set one of them. */
  read(request: Request): string | null
  /** A line for `Set-Cookie`. */
  write(value: string, seconds: number): string
  clear: string
}

const HEADER_CHARS_MAX = 16_384

function onlyValueOf(header: string, name: string): string | null {
  if (header.length > HEADER_CHARS_MAX) return null
  const pairs = header.split(';').map((pair) => pair.trim())
  const values = pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1))
  return values.length === 1 ? (values[0] ?? null) : null
}
