import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js'
import type { Hono } from 'hono'
import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { includesRole } from '../../lib/commands/command.js'
import type { CommandContext } from '../../lib/commands/context.js'
import { type AnyCommand, commands } from '../../lib/commands/index.js'
import { CutoverError } from '../../lib/core/error.js'
import { watch } from '../../lib/engine/watch.js'
import { createApp } from '../../lib/http/app.js'
import { tokenAuthorizer } from '../../lib/http/authorize.js'
import { CONTROL_BASE, controlRoutes } from '../../lib/http/control.js'
import { openapiDocument } from '../../lib/http/openapi.js'
import { begin, drain, fill, go, put, type World, world } from '../engine/runs/world.js'
import { KeptLog, sender } from '../http/harness.js'
import { alerts } from './asked/alerts.js'
import type { Asked } from './asked/ask.js'
import { backups } from './asked/backups.js'
import { checkpoints } from './asked/checkpoints.js'
import { experiments } from './asked/experiments.js'
import { flags } from './asked/flags.js'
import { metrics } from './asked/metrics.js'
import { programs } from './asked/programs.js'
import { rollbacks } from './asked/rollbacks.js'
import { state } from './asked/state.js'
import { stores } from './asked/stores.js'

const TOKENS = { apiToken: 'api', adminToken: 'admin', operatorToken: 'operator', viewerToken: 'viewer' }

function appOf(list: readonly AnyCommand[], context: CommandContext, clock: { id(): string }): Hono {
  return createApp({
    control: controlRoutes({ commands: list, context, authorizer: tokenAuthorizer(TOKENS) }),
    health: async () => ({ healthy: true, issues: [] }),
    clock,
    log: new KeptLog(),
  })
}

function contextOf(at: World): CommandContext {
  return {
    engine: at.context,
    checkRecord: (_collection, id, value) => ({ id, ...value }),
  }
}

const names = commands.map(({ name }) => name)

const description = openapiDocument({ commands, schemas: {}, version: '0' })
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })

/** What is wrong with an answer by the description that is published. */
function faultsByDescription(name: string, body: unknown): string[] {
  const operations = Object.values(description.paths).flatMap((path) => Object.values(path))
  const operation = operations.find(({ operationId }) => operationId === name)
  const answers = operation?.responses as { [status: string]: { content: { [type: string]: { schema: object } } } }
  const schema = answers['200']?.content['application/json']?.schema
  if (schema === undefined) return [`${name} is not described`]
  const validate = ajv.compile({ ...schema, components: description.components })
  validate(body)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

describe('the list of commands', () => {
  it('names every file once, and each by the name of its file', () => {
    const folder = join(import.meta.dirname, '../../lib/commands/operators')
    const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const texts = found.map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')] as const)
    const files = texts.filter(([, text]) => text.includes('= command({')).map(([name]) => name.replace(/\.ts$/, ''))
    expect([...names].sort()).toEqual(files.sort())
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
  })

  it('has one route for each, whatever its parameters are called', () => {
    const routes = commands.map(({ http }) => `${http.method} ${http.path.replace(/\{\w+\}/g, '{}')}`)
    expect(new Set(routes).size).toBe(routes.length)
  })

  it('takes every parameter of a path from its input', () => {
    for (const { http, input } of commands) {
      const members = Object.keys((input as z.ZodObject).shape)
      for (const [, parameter] of http.path.matchAll(/\{(\w+)\}/g)) expect(members).toContain(parameter)
    }
  })

  it('reads by GET, and changes nothing by it', () => {
    for (const { name, readOnly, destructive, http, role } of commands) {
      expect([name, readOnly]).toEqual([name, http.method === 'GET'])
      if (readOnly) expect([name, destructive, role]).toEqual([name, false, 'viewer'])
      else expect(includesRole(role, 'operator')).toBe(true)
    }
  })

  it('asks for a reason wherever something is changed for good', () => {
    const without = commands.filter(
      ({ destructive, input }) => destructive && !('reason' in (input as z.ZodObject).shape),
    )
    expect(without.map(({ name }) => name)).toEqual(['close-ledger']) // the trail it would be entered in goes with it
  })
})

async function runOn(at: World): Promise<{ runId: string }> {
  return { runId: (await begin(at)).id }
}

async function letter(at: World): Promise<{ id: string }> {
  at.faults.before = (store, call) => {
    if (store === 'target' && call === 'applyMany') throw new CutoverError('too-large', 'The record is over the limit.')
  }
  await begin(at)
  await drain(at)
  at.faults.before = () => undefined
  return { id: 'r0001' }
}

const reason = { reason: 'because' }
const collection = { collection: 'projects' }

const ASKED: Asked = {
  ...flags,
  ...metrics,
  ...alerts,
  ...rollbacks,
  ...checkpoints,
  ...programs,
  ...experiments,
  ...stores,
  ...backups,
  ...state,

  'list-collections': {},
  'show-collection': { path: collection },
  'migration-status': {},
  'show-cost': {},
  'advance-stage': {
    path: collection,
    input: { ...reason, to: 'shadow' },
    before: async (at) => void (await go(at, 'dualwrite', 'down')),
  },
  'preview-stage-change': { path: collection, input: { direction: 'down' } },
  'roll-back': { path: collection, input: reason },
  backfill: { path: collection, input: reason },
  validate: { path: collection, input: reason },
  'check-zero-loss': { path: collection, input: reason },
  'list-runs': { before: runOn },
  'show-run': { before: runOn },
  'pause-run': { before: runOn, input: reason },
  'resume-run': {
    input: reason,
    before: async (at) => {
      const run = await runOn(at)
      const { pauseRun } = await import('../../lib/engine/runs/steer.js')
      await pauseRun(at.context, { ...run, by: 'ann', reason: 'r' })
      return run
    },
  },
  'cancel-run': { before: runOn, input: reason },
  'list-dead-letters': { path: collection, before: async (at) => void (await letter(at)) },
  'retry-dead-letter': { path: collection, before: letter, input: reason },
  'drop-dead-letter': { path: collection, before: letter, input: reason },
  'list-flags': {},
  'show-flag': { path: { name: 'migration_mode' } },
  'set-flag': { path: { name: 'redis_write_projects' }, input: { ...reason, value: false } },
  'list-audit': {},
  'validate-records': { path: collection, input: { ids: ['r0001', 'nobody'] } },
  'list-mismatches': { before: runOn },
  'show-zero-loss': { path: collection, before: checked },
  'show-consistency': { before: checked },
  'run-watch': {},
  'leave-behind': {
    path: collection,
    input: { ...reason, lost: 'target' },
    before: async (at) => {
      await go(at, 'live')
      at.faults.down.add('target')
      return undefined
    },
  },
  'recover-target': { path: collection, input: reason },
  'emergency-rollback': { input: reason, before: async (at) => void (await go(at, 'live')) },
  'export-documents': { path: collection, input: reason },
  'restore-documents': {
    path: collection,
    input: { ...reason, documents: ['b.json'], dryRun: true },
    before: async (at) => void (await at.documents.put('b.json', '{"x": {"n": 1}}', { ifMatch: null })),
  },
  'clean-up': {
    path: collection,
    input: { ...reason, quietMs: 0 },
    before: async (at) => void (await go(at, 'complete')),
  },
  'plan-migration': {},
  'start-plan': { input: { ...reason, timeScale: 1000 } },
  'list-plans': { before: plan },
  'show-plan': { before: plan },
  'pause-plan': { before: plan, input: reason },
  'resume-plan': { before: pausedPlan, input: reason },
  'overrule-plan': { before: plan, input: { ...reason, verb: 'skip' } },
  'close-ledger': {
    before: async (at) => {
      await go(at, 'complete')
      await begin(at, { quietMs: 0 }, 'clean-up')
      await drain(at)
      return undefined
    },
  },
}

async function checked(at: World): Promise<undefined> {
  await begin(at, { zeroLoss: true }, 'validate')
  await drain(at)
}

async function plan(at: World): Promise<{ name: string }> {
  const send = sender(appOf(commands, contextOf(at), at.clock))
  await send('POST', `${CONTROL_BASE}/plans`, { ...reason, timeScale: 1000 }, { Authorization: 'Bearer admin' })
  return { name: 'the-week' }
}

async function pausedPlan(at: World): Promise<{ name: string }> {
  const planned = await plan(at)
  await ask(at, 'pause-plan', { path: planned, input: { reason: 'a rest' } })
  return planned
}

async function inShadow(): Promise<World> {
  const at = world({ leaseMs: 1_000 })
  await fill(at, 8)
  await go(at, 'shadow')
  return at
}

async function ask(at: World, name: string, extra: { path?: { [name: string]: string }; input?: object } = {}) {
  const command = commands.find((candidate) => candidate.name === name)
  if (command === undefined) throw new Error(`no command ${name}`)
  const path =
    CONTROL_BASE + command.http.path.replace(/\{(\w+)\}/g, (_, member: string) => extra.path?.[member] ?? 'missing')
  const isGet = command.http.method === 'GET'
  const query = isGet && extra.input !== undefined ? `?${new URLSearchParams({ ...extra.input })}` : ''
  const send = sender(appOf(commands, contextOf(at), at.clock))
  const body = isGet ? undefined : (extra.input ?? {})
  const answer = await send(command.http.method, path + query, body, { Authorization: 'Bearer admin' })
  return { command, status: answer.status, body: (await answer.json()) as unknown }
}

describe('every command, asked over HTTP of a real migration', () => {
  it('is here', () => {
    expect(Object.keys(ASKED).sort()).toEqual([...names].sort())
  })

  it.each(commands.map(({ name }) => name))('%s answers what its descriptor says', async (name) => {
    const { input, path, before } = ASKED[name] ?? {}
    const at = await inShadow()
    const found = await before?.(at)
    const answered = await ask(at, name, { path: { ...path, ...found }, ...(input === undefined ? {} : { input }) })
    expect([answered.status, JSON.stringify(answered.body).slice(0, 300)]).toEqual([200, expect.any(String)])
    const parsed = await answered.command.output.safeParseAsync(answered.body)
    expect(parsed.error?.issues ?? []).toEqual([])
    expect(faultsByDescription(name, answered.body)).toEqual([])
  })

  it.each([
    ['advance-stage', { path: collection, input: { ...reason, to: 'live' } }, 'target-not-full'],
    ['advance-stage', { path: collection, input: { ...reason, to: 'shadow' } }, 'already-there'],
    ['roll-back', { path: collection, input: { ...reason, to: 'live' } }, 'already-there'],
    ['advance-stage', { path: collection, input: { ...reason, ifEpoch: 0 } }, 'epoch-moved'],
    ['roll-back', { path: collection, input: { ...reason, ifEpoch: 9 } }, 'epoch-moved'],
    ['roll-back-component', { path: { component: 'projects' }, input: { ...reason, ifEpoch: 1 } }, 'epoch-moved'],
    ['preview-stage-change', { path: collection, input: { direction: 'up', rolloutPercent: 10 } }, 'target-not-full'],
    ['set-flag', { path: { name: 'redis_read_projects' }, input: { ...reason, value: true } }, 'target-not-full'],
    ['leave-behind', { path: collection, input: { ...reason, lost: 'source' } }, 'target-not-full'],
  ])('%s that is refused says why, with 409', async (name, extra, why) => {
    const { status, body, command } = await ask(await inShadow(), name, extra)
    expect([status, body]).toMatchObject([409, { kind: 'refused', reason: why }])
    expect((await command.output.safeParseAsync(body)).success).toBe(true)
  })

  it('recover-target where nothing was lost is refused, too', async () => {
    const at = world()
    const { status, body } = await ask(at, 'recover-target', { path: collection, input: reason })
    expect([status, body]).toEqual([409, { kind: 'refused', reason: 'nothing-to-recover' }])
    expect((await at.context.ledger.list('alert', null, 5)).items).toEqual([])
  })

  it.each(commands.filter(({ http }) => http.path.includes('{collection}')).map(({ name }) => name))(
    '%s knows no other collection',
    async (name) => {
      const { input } = ASKED[name] ?? {}
      const extra = { path: { collection: 'nobody', id: 'x' }, ...(input === undefined ? {} : { input }) }
      const { status, body } = await ask(await inShadow(), name, extra)
      expect([status, body]).toMatchObject([404, { code: 'not-found' }])
    },
  )
})

describe('every change', () => {
  it('is in the audit trail under the caller’s name, with the reason given', async () => {
    const changing = commands.filter(({ readOnly }) => !readOnly).map(({ name }) => name)
    const missing: string[] = []
    // What changes nothing that anybody decided, and the one that takes the trail with it.
    const silent = new Set(['run-watch', 'close-ledger', 'restore-documents', 'validate-records'])
    for (const name of changing.filter((one) => !silent.has(one) && ASKED[one]?.silent === undefined)) {
      const { input, path, before } = ASKED[name] ?? {}
      const at = await inShadow()
      const found = await before?.(at)
      const from =
        (await at.context.ledger.entries('audit', { newestFirst: true, limit: 1 })).items[0]?.position ?? null
      const { status } = await ask(at, name, { path: { ...path, ...found }, ...(input === undefined ? {} : { input }) })
      expect([name, status]).toEqual([name, 200])
      at.faults.down.clear()
      await watch(at.context)
      const { items } = await at.context.ledger.entries('audit', { after: from, limit: 100 })
      const entered = items.map(({ value }) => value as { by: string; reason: string })
      if (!entered.some(({ by, reason: why }) => by === 'admin-token' && why.includes('because'))) missing.push(name)
    }
    expect(missing).toEqual([])
  })

  it('restores are entered unless they are dry', async () => {
    const at = await inShadow()
    await at.documents.put('b.json', '{"x": {"n": 1}}', { ifMatch: null })
    await ask(at, 'restore-documents', { path: collection, input: { ...reason, documents: ['b.json'] } })
    const { body } = await ask(at, 'list-audit')
    const [newest] = (body as { items: unknown[] }).items
    expect(newest).toMatchObject({
      action: 'restore-documents',
      by: 'admin-token',
      reason: 'because',
      after: { written: 1 },
    })
  })
})

describe('the emergency rollback', () => {
  let at: World
  beforeAll(async () => {
    at = world({ names: ['projects', 'resources'], leaseMs: 1_000 })
    await fill(at, 20)
    await go(at, 'live')
    await put(at, 'r0001', { acknowledged: true })
    await at.settled()
  })

  it('moves every collection that can be moved, whatever is wrong with another', async () => {
    const stored = await at.documents.get('projects-0.json')
    if (stored === null || stored === 'unchanged') throw new Error('no document')
    const resources = { path: { collection: 'resources' }, input: { ...reason, to: 'shadow' } }
    await ask(at, 'advance-stage', resources)
    await at.documents.put('projects-0.json', '{"broken', { ifMatch: stored.etag })
    const { status, body } = await ask(at, 'emergency-rollback', { input: reason })
    expect([status, body]).toMatchObject([
      200,
      {
        moves: [
          { collection: 'projects', result: { kind: 'failed', code: 'corrupt-document' } },
          { collection: 'resources', result: { kind: 'moved', to: 'dualwrite' } },
        ],
      },
    ])
    const broken = await at.documents.get('projects-0.json')
    if (broken === null || broken === 'unchanged') throw new Error('no document')
    await at.documents.put('projects-0.json', stored.text, { ifMatch: broken.etag })
  })

  it('leaves a target behind that does not answer', async () => {
    at.faults.down.add('target')
    const { body } = await ask(at, 'emergency-rollback', { input: reason })
    expect(body).toMatchObject({
      moves: [
        { result: { kind: 'moved', from: 'live', to: 'dualwrite' } },
        { result: { kind: 'failed', code: 'unavailable' } },
      ],
    })
    expect(await at.plane.get('projects', 'r0001')).toMatchObject({ kind: 'found', value: { acknowledged: true } })
    at.faults.down.delete('target')
    const { body: status } = await ask(at, 'show-collection', { path: collection })
    expect(status).toMatchObject({ stage: 'dualwrite' })
  })
})
