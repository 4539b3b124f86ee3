import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../../lib/commands/index.js'
import { collectionSchemas } from '../../lib/commands/records/schemas.js'
import { parseEnvironment } from '../../lib/core/environment.js'
import { RUN_JOB_PATH } from '../../lib/engine/runs/publish.js'
import { openapiDocument } from '../../lib/http/openapi.js'
import { metadataUrl } from '../../lib/mcp/auth.js'
import { readDeployment, routeOf } from '../../scripts/build/deployment.js'

/** What `vercel build` does not check, or not until it is deployed. */
const root = join(import.meta.dirname, '../..')
const deployment = readDeployment(join(root, 'vercel.json'))
const json = JSON.parse(readFileSync(join(root, 'vercel.json'), 'utf8'))

function functionAt(path: string): string {
  const route = routeOf(deployment, path, () => false)
  return route.kind === 'function' ? route.name : route.kind
}

describe('vercel.json', () => {
  it('names files that exist, each small, and leaves no other file of api/ out', () => {
    const present = readdirSync(join(root, 'api')).filter((name) => name.endsWith('.ts'))
    expect(deployment.functions.map(({ file }) => file).sort()).toEqual(present.map((name) => `api/${name}`).sort())
    for (const { file } of deployment.functions) {
      expect(readFileSync(join(root, file), 'utf8').split('\n').length, file).toBeLessThanOrEqual(16)
    }
  })

  it('leads every described operation to the function that serves it', () => {
    const BY_PATH = [
      ['/api/v1/', 'data'],
      ['/api/jobs/', 'work'],
      ['/api/cron/', 'tick'],
      ['/mcp', 'mcp'],
    ] as const
    const description = openapiDocument({ commands, schemas: collectionSchemas, version: '0' })
    for (const path of Object.keys(description.paths)) {
      const filled = path.replace(/\{\w+\}/g, 'x')
      const [, name] = BY_PATH.find(([start]) => path.startsWith(start)) ?? ['', 'control']
      expect([path, functionAt(filled)]).toEqual([path, name])
    }
  })

  it.each([
    ['/mcp', 'mcp'],
    [new URL(metadataUrl('https://example.com/mcp')).pathname, 'mcp'],
    [RUN_JOB_PATH, 'work'],
    ['/api/jobs/tick', 'work'],
    ['/api/cron/tick', 'tick'],
    ['/api/health', 'control'],
    ['/openapi.json', 'control'],
    ['/docs', 'control'],
    ['/ofrep/v1/evaluate/flags', 'control'],
    ['/ofrep/v1/evaluate/flags/checkout', 'control'],
    ['/.well-known/vercel/flags', 'control'],
    ['/api/v2/projects', 'none'],
    ['/mcp/more', 'none'],
  ])('leads %s to %s', (path, name) => {
    expect(functionAt(path)).toBe(name)
  })

  it('has crons that Vercel accepts, at paths that are served', () => {
    for (const { path, schedule } of deployment.crons) {
      expect(functionAt(path)).toBe('tick')
      expect(schedule).toMatch(/^\S+( \S+){4}$/)
      const [minute = '', hour = '', day = '', month = '', weekday = ''] = schedule.split(' ')
      expect([within(minute, 0, 59), within(hour, 0, 23), within(day, 1, 31), within(month, 1, 12)]).not.toContain(
        false,
      )
      expect(within(weekday, 0, 6)).toBe(true)
      expect(day === '*' || weekday === '*').toBe(true)
    }
  })

  it('gives what works on runs more time than it takes where the platform tells no deadline', () => {
    const { invocationMs } = parseEnvironment({
      UPSTASH_REDIS_REST_URL: 'https://redis.example.com',
      UPSTASH_REDIS_REST_TOKEN: 'token',
      QSTASH_TOKEN: 'token',
      QSTASH_CURRENT_SIGNING_KEY: 'key',
      QSTASH_NEXT_SIGNING_KEY: 'key',
      BLOB_READ_WRITE_TOKEN: 'token',
      CUTOVER_PUBLIC_URL: 'https://example.com',
    })
    const working = deployment.functions.filter(({ name }) => name === 'work' || name === 'tick')
    expect(working).toHaveLength(2)
    for (const { maxDurationMs } of working) expect(maxDurationMs).toBeGreaterThan(invocationMs)
    // More than 300 seconds is not offered on every plan.
    for (const { maxDurationMs } of deployment.functions) expect(maxDurationMs).toBeLessThanOrEqual(300_000)
  })

  it('publishes public/ and nothing else, and checks before it builds', () => {
    expect(json.framework).toBeNull()
    expect(existsSync(join(root, 'public/robots.txt'))).toBe(true)
    const script = /^npm run (\S+)$/.exec(json.buildCommand)?.[1] ?? ''
    expect(Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts)).toContain(script)
  })
})

/** One field of a cron expression: numbers only, since Vercel takes no names. */
function within(field: string, min: number, max: number): boolean {
  return field.split(',').every((part) => {
    const [, range = '', step] = /^(\*|\d+(?:-\d+)?)(?:\/(\d+))?$/.exec(part) ?? []
    const [from = Number.NaN, until = from] = range === '*' ? [min, max] : range.split('-').map(Number)
    return from >= min && from <= until && until <= max && (step === undefined || Number(step) > 0)
  })
}
