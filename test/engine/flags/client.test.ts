import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../lib/core/json.js'
import { type FlagClient, type FlagClientOptions, flagClient } from '../../../lib/engine/flags/client.js'
import { killFlag, putNamedFlag, readNamedFlag, setNamedFlag } from '../../../lib/engine/flags/flags.js'
import { holds } from '../../hostile/law.js'
import { MOVER, type World, world } from '../runs/world.js'
import { flagNamed } from './flag-named.js'

const ALL = { percent: 100, split: [{ variant: 'on', weight: 1 }] }
const OBJECT = { kind: 'json' as const, variants: { on: { list: [1] }, off: {} }, rollout: ALL }

async function begun(options: FlagClientOptions = {}): Promise<{ at: World; client: FlagClient; asked: string[] }> {
  const at = world()
  await putNamedFlag(at.context, flagNamed('checkout', { rollout: ALL }), MOVER)
  await putNamedFlag(at.context, flagNamed('layout', OBJECT), MOVER)
  const asked: string[] = []
  at.faults.before = (store, call) => {
    if (store === 'ledger') asked.push(call)
  }
  const wired = { control: async () => at.context, clock: at.clock, background: at.context.background }
  const client = flagClient(wired, options)
  expect(await client.ready()).toBe(true)
  asked.length = 0
  return { at, client, asked }
}

describe('a flag client', () => {
  it('evaluates any number of times without a call', async () => {
    const { at, client, asked } = await begun()
    for (let n = 0; n < 1_000; n++) expect(client.value('checkout', false, { key: `user-${n}` })).toBe(true)
    await at.settled()
    expect(asked).toEqual([])
  })

  it('answers from what it holds while it reads again, one reading for all, and one access if nothing has changed', async () => {
    const { at, client, asked } = await begun({ freshMs: 1_000 })
    at.clock.time += 1_000
    for (let n = 0; n < 50; n++) expect(client.value('checkout', false)).toBe(true)
    await at.settled()
    expect(asked).toEqual(['read'])
    await killFlag(at.context, 'checkout', MOVER)
    expect(client.value('checkout', true)).toBe(true) // not due yet
    at.clock.time += 1_000
    client.value('checkout', true)
    await at.settled()
    expect(client.details('checkout', true)).toMatchObject({ value: false, reason: 'DISABLED', because: 'killed' })
  })

  it('goes on while the ledger is away, for as long as was said, asking no more often than usual', async () => {
    const { at, client, asked } = await begun({ freshMs: 1_000, heldMsMax: 60_000 })
    at.faults.down.add('ledger')
    for (let second = 1; second < 60; second++) {
      at.clock.time += 1_000
      for (let n = 0; n < 3; n++) {
        expect(client.value('checkout', false)).toBe(true)
        await at.settled()
      }
    }
    expect(asked.length).toBe(59)
    at.clock.time += 1_000
    expect(client.details('checkout', false)).toEqual({ value: false, reason: 'ERROR', error: 'PROVIDER_NOT_READY' })
    at.faults.down.clear()
    at.clock.time += 1_000
    client.value('checkout', false)
    await at.settled()
    expect(client.value('checkout', false)).toBe(true)
  })

  it('that has never read anything gives fallbacks, and is ready once it has', async () => {
    const at = world()
    at.faults.down.add('ledger')
    const wired = { control: async () => at.context, clock: at.clock, background: at.context.background }
    const client = flagClient(wired)
    expect(client.value('checkout', true)).toBe(true)
    expect(await client.ready()).toBe(false)
    at.faults.down.clear()
    await client.refresh()
    expect(client.details('checkout', true)).toMatchObject({ error: 'FLAG_NOT_FOUND' })
  })

  it('goes through a control plane that cannot be loaded', async () => {
    const at = world()
    const broken = async () => {
      throw new Error('no module')
    }
    const client = flagClient({ control: broken, clock: at.clock, background: at.context.background })
    expect([await client.ready(), client.value('checkout', 7)]).toEqual([false, 7])
  })

  it('knows no views: what is read from where rides on the data', async () => {
    const { client } = await begun()
    for (const name of ['migration_mode', 'redis_read_projects', 'redis_mcp_tools'])
      expect(client.details(name, 'x')).toEqual({ value: 'x', reason: 'ERROR', error: 'FLAG_NOT_FOUND' })
  })

  it('gives the fallback where the flag is of another kind, and a value that nobody can change for the others', async () => {
    const { client } = await begun()
    expect(client.details('checkout', 'text')).toMatchObject({ value: 'text', error: 'TYPE_MISMATCH' })
    const given = client.value('layout', {} as { [member: string]: Json })
    expect(given).toEqual({ list: [1] })
    expect(() => {
      given.list = 7
    }).toThrow(TypeError)
  })

  it('chooses the legacy system unless the flag says otherwise', async () => {
    const { at, client } = await begun({ freshMs: 0 })
    const sides = { legacy: 'legacy', new: 'new' }
    expect(client.choose('checkout', { key: 'a' }, sides)).toBe('new')
    expect(client.choose('nothing', { key: 'a' }, sides)).toBe('legacy')
    expect(client.choose('layout', { key: 'a' }, sides)).toBe('legacy')
    await setNamedFlag(at.context, 'checkout', false, MOVER)
    client.value('checkout', false)
    await at.settled()
    expect(client.choose('checkout', { key: 'a' }, sides)).toBe('legacy')
  })

  it('knows where it runs, unless the subject says otherwise', async () => {
    const { at } = await begun()
    const rules = [{ when: [{ on: 'environment' as const, environments: ['production'] }], rollout: ALL }]
    await putNamedFlag(at.context, flagNamed('live', { rules }), MOVER)
    const settings = { environment: 'production' }
    const client = flagClient({
      control: async () => at.context,
      clock: at.clock,
      background: at.context.background,
      settings,
    })
    await client.ready()
    expect(client.value('live', false)).toBe(true)
    expect(client.value('live', false, { attributes: { environment: 'preview' } })).toBe(false)
  })

  it('keeps the variant of a sticky flag once it was dealt here', async () => {
    const { at, client } = await begun({ freshMs: 0 })
    const split = [
      { variant: 'a', weight: 1 },
      { variant: 'b', weight: 1 },
    ]
    const sticky = (percent: number) =>
      flagNamed('test', {
        kind: 'string',
        variants: { a: 'A', b: 'B', none: '-' },
        fallback: 'none',
        sticky: true,
        rollout: { percent, split },
      })
    await putNamedFlag(at.context, sticky(100), MOVER)
    await client.refresh()
    const before = client.value('test', '?', { key: 'ann' })
    await client.deal('test', { key: 'ann' })
    const { revision } = await readNamedFlag(at.context, 'test')
    await putNamedFlag(at.context, sticky(0.001), MOVER, revision)
    await client.refresh()
    expect(client.details('test', '?', { key: 'ann' })).toMatchObject({ value: before, because: 'kept' })
    expect(client.value('test', '?', { key: 'bob' })).toBe('-')
  })

  it('throws for nothing that it is given', async () => {
    const { client } = await begun()
    const hostile = fc.oneof(fc.anything(), fc.constantFrom('__proto__', 'constructor', 'checkout'))
    holds(fc.tuple(hostile, hostile, hostile), 1_000, ([name, fallback, subject]) => {
      const { reason } = client.details(name as string, fallback as Json, subject as object)
      expect(typeof reason).toBe('string')
    })
    const trap = new Proxy({}, { get: () => thrown(), has: () => thrown(), getOwnPropertyDescriptor: () => thrown() })
    expect(client.details('checkout', false, { attributes: trap })).toMatchObject({ value: false, error: 'GENERAL' })
  })
})

function thrown(): never {
  throw new Error('a trap')
}
