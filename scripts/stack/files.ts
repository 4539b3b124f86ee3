import { Hono } from 'hono'
import { dashboardAssets } from '../build/assets.js'
import { contentTypeOf } from '../build/content-types.js'

/** What a deployment serves as files, made when it is first asked for. */
export function assetsPart(): Hono {
  let made: ReturnType<typeof dashboardAssets> | undefined
  return new Hono().get('/dashboard/:file', async (c, next) => {
    made ??= dashboardAssets()
    const path = c.req.path.slice(1)
    const contents = (await made).get(path)
    if (contents === undefined) return next()
    return c.body(new Uint8Array(contents), 200, {
      'Content-Type': contentTypeOf(path),
      'Cache-Control': 'no-cache',
      'X-Content-Type-Options': 'nosniff',
    })
  })
}
