import { Hono } from 'hono'
import { CutoverError } from '../core/error.js'
import { sha256Base64Url } from './digest.js'

export interface CronParts {
  /** Absent: the cron routes are shut. */
  secret: string | undefined
  tick: () => Promise<object>
}

/**
 * What Vercel's cron calls: at most once a minute, sometimes twice, sometimes not at all. Secrets are compared by their
 * digests, so that the time taken tells nothing of how much of a guess was right.
 */
export function cronRoutes({ secret, tick }: CronParts): Hono {
  const app = new Hono()
  app.get('/api/cron/tick', async (c) => {
    const offered = /^bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (
      secret === undefined ||
      offered === undefined ||
      (await sha256Base64Url(offered)) !== (await sha256Base64Url(secret))
    ) {
      throw new CutoverError(
        'unauthenticated',
        'This needs the cron secret in the header "Authorization: Bearer <secret>".',
      )
    }
    c.header('Cache-Control', 'no-store')
    return c.json(await tick())
  })
  return app
}
