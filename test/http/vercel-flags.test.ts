import { createAccessProof } from 'flags'
import { describe, expect, it } from 'vitest'
import { putNamedFlag } from '../../lib/engine/flags/flags.js'
import { createApp } from '../../lib/http/app.js'
import { vercelFlagsRoutes } from '../../lib/http/vercel-flags.js'
import { flagNamed } from '../engine/flags/flag-named.js'
import { MOVER, type World, world } from '../engine/runs/world.js'
import { KeptLog, sender } from './harness.js'

const SECRET = Buffer.alloc(32, 7).toString('base64url')

async function ask(at: World, secret: string | undefined, headers?: { [name: string]: string }) {
  const parts = { engine: async () => at.context, clock: at.clock, secret, publicUrl: 'https://cutover.test' }
  const health = async () => ({ healthy: true, issues: [] })
  const app = createApp({ flags: vercelFlagsRoutes(parts), health, clock: at.clock, log: new KeptLog() })
  const authorization = `Bearer ${await createAccessProof(SECRET)}`
  return sender(app)('GET', '/.well-known/vercel/flags', undefined, headers ?? { authorization })
}

describe('the endpoint of Vercel’s toolbar', () => {
  it('is shut without a secret, whatever is brought', async () => {
    expect((await ask(world(), undefined)).status).toBe(401)
    expect((await ask(world(), SECRET, {})).status).toBe(401)
    expect((await ask(world(), SECRET)).status).toBe(200)
  })

  it('tells what it cannot read as a hint, and the rest all the same', async () => {
    const at = world()
    await putNamedFlag(at.context, flagNamed('constructor'), MOVER)
    at.faults.down.add('ledger')
    const away = (await (await ask(at, SECRET)).json()) as { definitions: object; hints: { key: string }[] }
    expect(away.hints.map(({ key }) => key)).toEqual(['cutover/flags'])
    expect(Object.keys(away.definitions)).toContain('migration_mode')
    at.faults.down.delete('ledger')
    at.faults.down.add('source').add('target')
    const views = (await (await ask(at, SECRET)).json()) as { definitions: object; hints: { key: string }[] }
    expect([Object.keys(views.definitions), views.hints.map(({ key }) => key)]).toEqual([
      ['constructor'],
      ['cutover/views'],
    ])
  })
})
