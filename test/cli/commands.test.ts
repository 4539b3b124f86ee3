import { describe, expect, it } from 'vitest'
import { type CliCommand, verbOf } from '../../lib/cli/verb.js'
import { commands } from '../../lib/commands/index.js'
import { cutover, SECRETS } from './toys.js'

/** Answers every request with `answer`, and keeps what was asked. */
function scripted(answer: unknown) {
  const asked: { request: string; body: unknown }[] = []
  const fetch = async (url: unknown, init: RequestInit = {}) => {
    const { pathname, search } = new URL(String(url))
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : null
    asked.push({ request: `${init.method} ${pathname}${search}`, body })
    return Response.json(answer)
  }
  const setting = {
    url: '',
    tokens: { admin: SECRETS.admin },
    parts: { commands, fetch: fetch as typeof globalThis.fetch },
  }
  return { asked, setting }
}

describe('the commands of cutover', () => {
  it.each(commands.map((command): [string, CliCommand] => [command.name, command]))(
    '%s can be said on a command line',
    (name, command) => {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(() => verbOf(command)).not.toThrow()
    },
  )

  it('that start a run can be waited for, and those that steer one are not', () => {
    const starting = commands.filter((command) => verbOf(command).startsRun).map((command) => command.name)
    expect(starting).toEqual(expect.arrayContaining(['backfill', 'validate']))
    for (const name of ['pause-run', 'resume-run', 'cancel-run', 'show-run']) expect(starting).not.toContain(name)
  })

  it('arrive where their descriptors say', async () => {
    const { asked, setting } = scripted([])
    await cutover(setting, 'list-collections')
    await cutover(setting, 'advance-stage', 'projects', '--reason', 'day 4', '--to', 'live', '--rollout-percent', '10')
    await cutover(setting, 'set-flag', 'migration_mode', '--value', 'dual', '--reason', 'day 2')
    expect(asked).toStrictEqual([
      { request: 'GET /api/migration/collections', body: null },
      {
        request: 'POST /api/migration/collections/projects/advance',
        body: { reason: 'day 4', to: 'live', rolloutPercent: 10 },
      },
      { request: 'PUT /api/migration/feature-flags/migration_mode', body: { value: 'dual', reason: 'day 2' } },
    ])
  })
})
