import { SECRETS } from './authorization-world.js'

/** Whom a deployment must take somebody for. `cron` is somebody at the cron's door only, and nobody elsewhere. */
export type Identity = 'nobody' | 'api' | 'viewer' | 'operator' | 'admin' | 'cron'

/** What a request brings to show who sends it. */
export interface Credential {
  name: string
  is: Identity
  headers: readonly (readonly [name: string, value: string])[]
  /** Appended to the path. */
  query?: string
}

const PRESENTED = ['api', 'viewer', 'operator', 'admin', 'cron'] as const

/** The right secret where it belongs: the way it is documented, and the ways that HTTP calls the same. */
export const GENUINE: readonly Credential[] = [
  { name: 'nothing', is: 'nobody', headers: [] },
  ...PRESENTED.map((is) => bearer(is, `the ${is} token`, `Bearer ${SECRETS[is]}`)),
]

export const SPELLED_OTHERWISE: readonly Credential[] = PRESENTED.flatMap((is) => [
  bearer(is, `the ${is} token, scheme in lower case`, `bearer ${SECRETS[is]}`),
  bearer(is, `the ${is} token, scheme in upper case`, `BEARER ${SECRETS[is]}`),
  bearer(is, `the ${is} token after three spaces`, `Bearer   ${SECRETS[is]}`),
  bearer(is, `the ${is} token with space around the header`, `  Bearer ${SECRETS[is]} \t`),
])

/** Everything that is not the token, however near it comes: its sender is nobody. */
export const FALSE: readonly Credential[] = [
  ...Object.entries({
    'an empty header': '',
    'a scheme alone': 'Bearer',
    'a scheme and a space': 'Bearer ',
    'a wrong token': 'Bearer wrong',
    'the word undefined': 'Bearer undefined',
    'the word null': 'Bearer null',
    'an asterisk': 'Bearer *',
    'an empty pair of quotes': 'Bearer ""',
    'an unsigned web token that says admin': `Bearer ${part({ alg: 'none' })}.${part({ sub: 'admin', role: 'admin' })}.`,
    'a token of 8,000 characters': `Bearer ${'x'.repeat(8_000)}`,
    'the token of the queue': `Bearer ${SECRETS.queue}`,
    'the token of Redis': `Bearer ${SECRETS.redis}`,
    'the current signing key': `Bearer ${SECRETS.currentKey}`,
    'the next signing key': `Bearer ${SECRETS.nextKey}`,
  }).map(([name, value]) => bearer('nobody', name, value)),
  ...PRESENTED.flatMap((whose) => nearMisses(whose, SECRETS[whose])),
  ...elsewhere('admin', SECRETS.admin),
]

function nearMisses(whose: string, secret: string): Credential[] {
  const misses = {
    'in upper case': `Bearer ${secret.toUpperCase()}`,
    'in lower case': `Bearer ${secret.toLowerCase()}`,
    'with a character more': `Bearer ${secret}x`,
    'with a character before': `Bearer x${secret}`,
    'without its last character': `Bearer ${secret.slice(0, -1)}`,
    'without its first character': `Bearer ${secret.slice(1)}`,
    'with another last character': `Bearer ${secret.slice(0, -1)}_`,
    'twice over': `Bearer ${secret}${secret}`,
    backwards: `Bearer ${[...secret].reverse().join('')}`,
    'with a space in it': `Bearer ${secret.slice(0, 5)} ${secret.slice(5)}`,
    'with a word after': `Bearer ${secret} x`,
    'with a comma after': `Bearer ${secret},`,
    'with a no-break space after': `Bearer ${secret}\u00a0`,
    'in quotes': `Bearer "${secret}"`,
    'percent-encoded': `Bearer ${[...secret].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('')}`,
    'in base64': `Bearer ${btoa(secret)}`,
    'without a scheme': secret,
    'after a tab': `Bearer\t${secret}`,
    'after an equals sign': `Bearer=${secret}`,
    'after the scheme twice': `Bearer Bearer ${secret}`,
    'as a password': `Basic ${btoa(`admin:${secret}`)}`,
    'under another scheme': `Token ${secret}`,
    'as a parameter': `Bearer token="${secret}"`,
  }
  const twice: [string, string] = ['authorization', `Bearer ${secret}`]
  return [
    ...Object.entries(misses).map(([how, value]) => bearer('nobody', `the ${whose} token ${how}`, value)),
    { name: `the ${whose} token in two headers`, is: 'nobody', headers: [twice, twice] },
    { name: `the ${whose} token after a wrong one`, is: 'nobody', headers: [['authorization', 'Bearer wrong'], twice] },
    {
      name: `the ${whose} token before a wrong one`,
      is: 'nobody',
      headers: [twice, ['authorization', 'Bearer wrong']],
    },
  ]
}

/** The right token at places where logs, caches and other sites would see it: none of them is looked at. */
function elsewhere(whose: string, secret: string): Credential[] {
  const headers = {
    cookie: `token=${secret}; authorization=Bearer ${secret}; __Host-cutover=${secret}; cutover=${secret}; cutover-3000=${secret}`,
    'proxy-authorization': `Bearer ${secret}`,
    'x-authorization': `Bearer ${secret}`,
    'x-forwarded-authorization': `Bearer ${secret}`,
    'x-api-key': secret,
    'x-auth-token': secret,
    'x-cutover-token': secret,
    'x-role': whose,
    'x-forwarded-user': `${whose}-token`,
    'x-vercel-cron': '1',
    'upstash-signature': secret,
    'user-agent': 'vercel-cron/1.0',
  }
  const queries = ['token', 'access_token', 'authorization', 'api_key', 'secret', 'role']
  return [
    ...Object.entries(headers).map(
      ([name, value]): Credential => ({
        name: `the ${whose} token in ${name}`,
        is: 'nobody',
        headers: [[name, value]],
      }),
    ),
    ...queries.map(
      (name): Credential => ({
        name: `the ${whose} token in the query as ${name}`,
        is: 'nobody',
        headers: [],
        query: `?${name}=${encodeURIComponent(name === 'authorization' ? `Bearer ${secret}` : secret)}`,
      }),
    ),
  ]
}

function bearer(is: Identity, name: string, value: string): Credential {
  return { name, is, headers: [['authorization', value]] }
}

function part(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url')
}
