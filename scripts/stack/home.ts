import { readFileSync } from 'node:fs'
import { Hono } from 'hono'

/** The page that the static files of a deployment show at `/`. */
export function homePart(): Hono {
  const page = readFileSync(new URL('../../public/index.html', import.meta.url), 'utf8')
  return new Hono().get('/', (c) => c.html(page))
}
