import { Hono } from 'hono'
import { dashboardAssets } from '../build/assets.js'

/** What a deployment serves as files, made when it is first asked for. */
export function assetsPart(): Hono {
  let made: ReturnType<typeof dashboardAssets> | undefined
  return new Hono().get('/dashboard/:file', async (c, next) => {
    made ??= dashboardAssets()
    const path = c.req.path.slice(1)
    const contents = (await made).get(path)
    if (contents === undefined) return next()
    const type = TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
    return c.body(new Uint8Array(contents), 200, {
      'Content-Type': type,
      'Cache-Control': 'no-cache',
      'X-Content-Type-Options': 'nosniff',
    })
  })
}

const TYPES: { readonly [ending: string]: string } = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}
