import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cutover, SECRETS, type Setting, toyServer } from './toys.js'

let server: Awaited<ReturnType<typeof toyServer>>
let at: Setting
beforeAll(async () => {
  server = await toyServer()
  at = { url: server.url }
})
afterAll(() => server.close())
beforeEach(() => {
  server.toys.calls.length = 0
  server.toys.look = []
})

const lastInput = () => server.toys.calls.at(-1)?.input

describe('arguments', () => {
  it('become the input: positionals in the order of the path, all else as flags of its type', async () => {
    const done = await cutover(
      at,
      'paint',
      'a/b %?',
      '7',
      '--reason',
      'it is time',
      '--base-colour=red',
      '--coats',
      '2.5',
      '--no-glossy',
      '--tags',
      'x, y',
      '--tags=z',
      '--tags',
      '["p,q"]',
      '--sizes=1,-2',
      '--pattern',
      '{"dots":3}',
    )
    expect(done).toMatchObject({ exit: 0, out: 'kind  painted\ntoy   a/b %?\n', err: '' })
    expect(lastInput()).toStrictEqual({
      toy: 'a/b %?',
      partNumber: 7,
      reason: 'it is time',
      baseColour: 'red',
      coats: 2.5,
      glossy: false,
      tags: ['x', 'y', 'z', 'p,q'],
      sizes: [1, -2],
      pattern: { dots: 3 },
    })
  })

  it('that are left out are left to the defaults of the server, and --no- sets null where null may be', async () => {
    expect((await cutover(at, 'paint', 'a', '7', '--reason', 'why', '--no-coats')).exit).toBe(0)
    expect(lastInput()).toStrictEqual({ toy: 'a', partNumber: 7, reason: 'why', glossy: true, coats: null })
  })

  it('of a query arrive with their types', async () => {
    await cutover(at, 'look', '--limit', '5', '--colours', 'red,blue', '--broken')
    expect(lastInput()).toStrictEqual({ limit: 5, colours: ['red', 'blue'], broken: true })
    await cutover(at, 'look', '--colours', 'red', '--no-broken')
    expect(lastInput()).toStrictEqual({ limit: 10, colours: ['red'], broken: false })
  })

  it.each([
    ['true', true],
    ['7.5', 7.5],
    ['dual', 'dual'],
    ['007', '007'],
    ['"true"', 'true'],
  ])('that may be a text or something else: %s', async (text, value) => {
    expect((await cutover(at, 'paint', 'a', '7', '--reason', 'why', '--mark', text)).exit).toBe(0)
    expect(lastInput()).toMatchObject({ mark: value })
  })

  it('may be JSON from a file, and what looks like a flag may follow --', async () => {
    const files = { 'dots.json': '{"dots":4}' }
    const given = ['--reason', 'why', '--pattern', '@dots.json', '--', '--help', '7']
    expect((await cutover({ ...at, files }, 'paint', ...given)).exit).toBe(0)
    expect(lastInput()).toMatchObject({ toy: '--help', pattern: { dots: 4 } })
  })

  it.each([
    [['paint', 'a'], 'needs PART_NUMBER'],
    [['paint', 'a', 'seven', '--reason', 'why'], 'PART_NUMBER is not a number'],
    [['paint', '..', '7', '--reason', 'why'], 'TOY cannot be'],
    [['paint', 'a', '7', 'b', '--reason', 'why'], 'takes 2 arguments, not 3'],
    [['paint', 'a', '7'], 'needs --reason'],
    [['paint', 'a', '7', '--reason', 'x'], '--reason: '],
    [['paint', 'a', '7', '--reason', 'why', '--reason', 'again'], '--reason is given more than once'],
    [['paint', 'a', '7', '--reason'], 'argument missing'],
    [['paint', 'a', '7', '--reason', 'why', '--base-colour', 'green'], '--base-colour is one of red, blue'],
    [['paint', 'a', '7', '--reason', 'why', '--coats', '1e3'], '--coats is not a number'],
    [['paint', 'a', '7', '--reason', 'why', '--coats', '6'], '--coats: '],
    [['paint', 'a', '7', '--reason', 'why', '--glossy', '--no-glossy'], 'contradict'],
    [['paint', 'a', '7', '--reason', 'why', '--sizes', '1,,2'], '--sizes is not a number'],
    [['paint', 'a', '7', '--reason', 'why', '--pattern', '{dots'], '--pattern is not JSON'],
    [['paint', 'a', '7', '--reason', 'why', '--pattern', '@absent'], 'cannot be read'],
    [['paint', 'a', '7', '--reason', 'why', '--pattern', '{"dots":"x"}'], '--pattern.dots: '],
    [['paint', 'a', '7', '--reasons', 'why'], 'Did you mean --reason?'],
    [['look', '--wait'], 'no flag --wait'],
    [['pant'], 'Did you mean paint?'],
    [['xyzzy'], 'cutover help lists them'],
    [[], 'Which verb?'],
    [['follow'], 'needs RUN_ID'],
    [['follow', 'a', 'b'], 'takes one RUN_ID'],
  ])('%j are a usage error, and no request is made', async (args, named) => {
    const done = await cutover(at, ...args)
    expect([done.exit, done.out]).toStrictEqual([2, ''])
    expect(done.err).toContain(named)
    expect(server.toys.calls).toHaveLength(0)
  })
})

describe('results', () => {
  it('that are lists of objects are tables, with numbers on the right', async () => {
    server.toys.look = [
      { collection: 'projects', epoch: 7, progress: { done: 5, total: null }, target: 'redis' },
      { collection: 'resources', epoch: 12, progress: { done: 5, total: 10 } },
    ]
    expect((await cutover(at, 'look')).out).toBe(
      [
        'collection  epoch  progress          target',
        'projects        7  done 5, total -   redis',
        'resources      12  done 5, total 10  -',
        '',
      ].join('\n'),
    )
  })

  it('show moments that are kept in milliseconds as such, in tables, cells and by name', async () => {
    const moment = Date.UTC(2026, 2, 1)
    server.toys.look = {
      startedAt: moment,
      before: { at: moment },
      count: moment,
      endedAt: null,
      items: [{ at: moment, entry: { at: moment, n: moment } }],
    }
    expect((await cutover(at, 'look')).out).toBe(
      [
        'startedAt  2026-03-01T00:00:00.000Z',
        'before.at  2026-03-01T00:00:00.000Z',
        `count      ${moment}`,
        'endedAt    -',
        '',
        'items:',
        '  at                        entry',
        `  2026-03-01T00:00:00.000Z  at 2026-03-01T00:00:00.000Z, n ${moment}`,
        '',
      ].join('\n'),
    )
  })

  it('unroll short heads with a list of objects into rows, and leave longer ones as they are', async () => {
    const paths = [
      { path: 'source', p95Ms: 8.115863605863 },
      { path: 'target', p95Ms: 3 },
    ]
    const read = { operation: 'read', paths, difference: { p95: -0.6 } }
    const runtime = { operation: 'runtime', paths: [{ path: null, p95Ms: null }], difference: null }
    server.toys.look = { components: [{ component: 'projects', operations: [read, runtime] }] }
    expect((await cutover(at, 'look')).out).toBe(
      [
        'components:',
        '  component  operation  path      p95Ms  difference',
        '  projects   read       source  8.11586  p95 -0.6',
        '  projects   read       target        3  p95 -0.6',
        '  projects   runtime    -             -  -',
        '',
      ].join('\n'),
    )
    server.toys.look = [{ id: 1, by: 'a', at: null, steps: [{ id: 2 }] }]
    expect((await cutover(at, 'look')).out).toContain('[{"id":2}]')
    server.toys.look = [{ id: 1, steps: [{ id: 2 }] }]
    expect((await cutover(at, 'look')).out).toContain('[{"id":2}]')
  })

  it('that are objects are names and values, then their tables', async () => {
    server.toys.look = {
      ready: true,
      at: null,
      progress: { done: 5 },
      tags: ['a', 'b'],
      items: [{ id: 1 }, { id: 20 }],
    }
    expect((await cutover(at, 'look')).out).toBe(
      'ready          true\nat             -\nprogress.done  5\ntags           a, b\n\nitems:\n  id\n   1\n  20\n',
    )
  })

  it.each([
    [[], '(none)\n'],
    [{}, '(nothing)\n'],
    ['two\nlines', 'two\nlines\n'],
    [null, '-\n'],
    ['\u001b[2Jgone', '\\u001b[2Jgone\n'],
    [{ 'na\u0007me': '\u202eevil' }, 'na\\u0007me  \\u202eevil\n'],
  ])('such as %j are shown, and cannot steer the terminal', async (result, shown) => {
    server.toys.look = result
    expect((await cutover(at, 'look')).out).toBe(shown)
  })

  it.each([[[]], [{ text: 'a\nb\u009b' }], ['text'], [null]])(
    'are one line of JSON with --json: %j',
    async (result) => {
      server.toys.look = result
      for (const args of [
        ['look', '--json'],
        ['--json', 'look'],
      ]) {
        const { out } = await cutover(at, ...args)
        expect(out.trimEnd().split('\n')).toHaveLength(1)
        expect(out).not.toMatch(/\u009b/)
        expect(JSON.parse(out)).toStrictEqual(result)
      }
    },
  )
})

describe('a destructive verb', () => {
  it('is run after a yes, and only then', async () => {
    const said = await cutover({ ...at, typed: 'y' }, 'melt', 'bear')
    expect(said).toMatchObject({ exit: 0, questions: ['Go on? [y/N] '] })
    expect(said.err).toContain('melt TOY bear')
    expect(server.toys.calls).toHaveLength(1)
    for (const typed of ['', 'n', 'maybe']) {
      const unsaid = await cutover({ ...at, typed }, 'melt', 'bear')
      expect(unsaid.exit).toBe(1)
      expect(unsaid.err).toContain('nothing was done')
    }
    expect(server.toys.calls).toHaveLength(1)
  })

  it('needs --yes where nobody can be asked', async () => {
    const refused = await cutover(at, 'melt', 'bear')
    expect(refused.exit).toBe(2)
    expect(refused.err).toContain('--yes')
    expect(server.toys.calls).toHaveLength(0)
    expect(await cutover(at, 'melt', 'bear', '--yes')).toMatchObject({ exit: 0, questions: [] })
    expect(await cutover({ ...at, typed: 'n' }, 'melt', 'bear', '--yes')).toMatchObject({ exit: 0, questions: [] })
  })

  it('and no other verb asks', async () => {
    expect((await cutover({ ...at, typed: 'n' }, 'look')).questions).toStrictEqual([])
  })
})

describe('of several tokens', () => {
  it('the weakest that is enough is used', async () => {
    const tokens = SECRETS
    await cutover({ ...at, tokens }, 'look')
    await cutover({ ...at, tokens }, 'paint', 'a', '7', '--reason', 'why')
    await cutover({ ...at, tokens }, 'melt', 'a', '--yes')
    await cutover({ ...at, tokens: { admin: SECRETS.admin } }, 'look')
    expect(server.toys.calls.map((call) => call.by)).toStrictEqual([
      'viewer-token',
      'operator-token',
      'admin-token',
      'admin-token',
    ])
  })
})
