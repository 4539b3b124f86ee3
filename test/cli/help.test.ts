import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { membersOf } from '../../lib/cli/member.js'
import { type CliCommand, verbOf } from '../../lib/cli/verb.js'
import { cutover } from './toys.js'

const nowhere = { url: 'http://127.0.0.1:1', tokens: {} }

const command: CliCommand = {
  name: 'toy',
  summary: 'A toy.',
  role: 'viewer',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/toy' },
  input: z.object({}),
  output: z.object({}),
}

describe('help', () => {
  it.each([[['help']], [['--help']], [['-h']]])(
    'of %j lists every verb by what it is about, and says who may',
    async (args) => {
      const done = await cutover(nowhere, ...args)
      expect(done.exit).toBe(0)
      expect(done.out).toMatch(/other:\n(.*\n)* {2}paint TOY PART_NUMBER +Paints a toy\. \(operator\)\n/)
      for (const part of ['follow RUN_ID', 'CUTOVER_URL', '4 unreachable']) expect(done.out).toContain(part)
    },
  )

  it.each([[['help', 'paint']], [['paint', '--help']], [['paint', 'a', '-h', '--nonsense']]])(
    'of %j explains the verb from its schema',
    async (args) => {
      const { exit, out } = await cutover(nowhere, ...args)
      expect(exit).toBe(0)
      for (const part of [
        'cutover paint TOY PART_NUMBER [--flag value...]',
        'Needs the role operator.',
        '--base-colour red|blue',
        '--coats N, --no-coats',
        '--glossy, --no-glossy',
        'Default true.',
        '--sizes N,...',
        '--pattern JSON|@FILE',
      ]) {
        expect(out).toContain(part)
      }
      expect(out).toMatch(/--reason TEXT +Required\. Why, for the audit trail\./)
      expect(out).not.toContain('--wait')
    },
  )

  it('says what asks, what waits and what changes nothing', async () => {
    expect((await cutover(nowhere, 'help', 'melt')).out).toContain('Asks for confirmation.')
    expect((await cutover(nowhere, 'help', 'copy')).out).toContain('--wait, --no-wait')
    expect((await cutover(nowhere, 'help', 'look')).out).toContain('Changes nothing.')
    expect((await cutover(nowhere, 'follow', '--help')).out).toContain('follow RUN_ID')
    expect((await cutover(nowhere, 'help', 'lok')).err).toContain('Did you mean look?')
  })

  it('and the version need no server', async () => {
    expect(await cutover(nowhere, '--version')).toMatchObject({ exit: 0, out: '9.8.7\n', err: '' })
  })

  it('without a verb is a usage error', async () => {
    const done = await cutover(nowhere)
    expect([done.exit, done.out]).toStrictEqual([2, ''])
    expect(done.err).toContain('cutover VERB')
  })
})

describe('members of an input', () => {
  it('are found through unions, intersections and references; required is what every branch requires', () => {
    const id = z.string().meta({ id: 'ToyId' })
    const schema = z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('a'), size: z.number(), id }),
        z.object({ kind: z.literal('b'), size: z.number().nullable().optional(), id }),
      ])
      .and(
        z.object({
          other: z.union([z.string(), z.array(z.string())]),
          deep: z.union([z.boolean(), z.string()]),
          items: z.array(z.object({ n: z.number() })),
        }),
      )
    const found = Object.fromEntries(membersOf(schema).map((member) => [member.name, member]))
    expect(found.kind).toMatchObject({ kind: 'text', choices: ['a', 'b'], required: true })
    expect(found.size).toMatchObject({ kind: 'number', nullable: true, required: false })
    expect(found.id).toMatchObject({ kind: 'text', required: true })
    expect(found.deep).toMatchObject({ kind: 'scalar', list: false })
    expect(found.other).toMatchObject({ kind: 'json', list: false })
    expect(found.items).toMatchObject({ kind: 'json', list: true })
  })

  it('have names in kebab case', () => {
    const schema = z.object({ rolloutPercent: z.number(), max_rows: z.number(), p95Ms: z.number() })
    expect(membersOf(schema).map((member) => member.flag)).toStrictEqual(['rollout-percent', 'max-rows', 'p95-ms'])
  })
})

describe('a command that the command line cannot say', () => {
  it.each([
    ['a flag of every verb', { input: z.object({ json: z.string() }) }],
    ['two flags of one name', { input: z.object({ aB: z.string(), a_b: z.string() }) }],
    ['a negation that is a flag', { input: z.object({ x: z.boolean(), noX: z.string() }) }],
    ['a path parameter without input', { http: { method: 'POST' as const, path: '/toy/{toy}' } }],
  ])('because of %s is refused', (_, fault) => {
    expect(() => verbOf({ ...command, ...fault })).toThrow(/toy/)
  })

  it('is one with the name of a verb that the CLI has itself', async () => {
    const done = await cutover({ ...nowhere, parts: { commands: [{ ...command, name: 'follow' }] } }, 'toy')
    expect(done.err).toContain('A command is named follow')
  })
})
