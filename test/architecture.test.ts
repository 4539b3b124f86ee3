import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Which ring a folder belongs to, what it may import, and which packages. Read top to bottom: first match counts. */
const RINGS: { ring: string; path: RegExp; may: string[]; packages: RegExp[] }[] = [
  { ring: 'core', path: /^lib\/core\//, may: ['core'], packages: [] },
  { ring: 'ports', path: /^lib\/ports\//, may: ['core', 'ports'], packages: [] },
  {
    ring: 'drivers',
    path: /^lib\/drivers\//,
    may: ['core', 'ports', 'drivers'],
    packages: [/^@upstash\/(redis|qstash)$/, /^@vercel\/blob$/, /^(limiter|lru-cache)$/, /^node:/],
  },
  { ring: 'engine', path: /^lib\/engine\//, may: ['core', 'ports', 'engine'], packages: [] },
  { ring: 'commands', path: /^lib\/commands\//, may: ['core', 'ports', 'engine', 'commands'], packages: [/^zod$/] },
  {
    ring: 'http',
    path: /^lib\/http\//,
    may: ['core', 'ports', 'engine', 'commands', 'http'],
    packages: [/^hono(\/|$)/, /^zod$/],
  },
  {
    ring: 'mcp',
    path: /^lib\/mcp\//,
    may: ['core', 'commands', 'mcp'],
    packages: [/^@modelcontextprotocol\//, /^zod$/],
  },
  {
    ring: 'dashboard',
    path: /^lib\/dashboard\//,
    may: ['core', 'commands', 'dashboard'],
    packages: [/^preact(\/|$)/, /^preact-render-to-string$/, /^uplot$/, /^hono$/],
  },
  { ring: 'cli', path: /^lib\/cli\//, may: ['core', 'commands', 'cli'], packages: [/^node:/, /^zod$/] },
  {
    ring: 'wire',
    path: /^lib\/(wire|define|index)(\.ts$|\/)/,
    may: ['core', 'ports', 'drivers', 'engine', 'commands', 'wire'],
    packages: [/^zod$/],
  },
]

interface Import {
  file: string
  /** A path from the root, or a package's name. */
  to: string
  local: boolean
  lazy: boolean
}

const files = sources('lib')
const imports = files.flatMap(importsOf)

describe('the rings', () => {
  test('every file of lib belongs to one', () => {
    expect(files.filter((file) => ringOf(file) === undefined)).toEqual([])
  })

  test('a ring imports only what it may know', () => {
    const wrong = imports.filter(({ file, to, local }) => local && !ringOf(file)?.may.includes(ringOf(to)?.ring ?? ''))
    expect(wrong.map(({ file, to }) => `${file} -> ${to}`)).toEqual([])
  })

  test('packages are used only where they belong', () => {
    const wrong = imports.filter(
      ({ file, to, local }) => !local && !ringOf(file)?.packages.some((allowed) => allowed.test(to)),
    )
    expect(wrong.map(({ file, to }) => `${file} -> ${to}`)).toEqual([])
  })

  test('a driver knows no other driver but the shared Redis client', () => {
    const wrong = imports.filter(
      ({ file, to, local }) =>
        local &&
        driverOf(file) !== null &&
        driverOf(to) !== null &&
        driverOf(file) !== driverOf(to) &&
        driverOf(to) !== 'redis',
    )
    expect(wrong.map(({ file, to }) => `${file} -> ${to}`)).toEqual([])
  })

  test('vendor SDKs are loaded lazily', () => {
    const vendor = /^(@upstash\/|@vercel\/blob)/
    const wrong = imports.filter(({ to, lazy, local }) => !local && vendor.test(to) && !lazy)
    expect(wrong.map(({ file, to }) => `${file} -> ${to}`)).toEqual([])
  })

  test('there are no import cycles', () => {
    expect(cycles()).toEqual([])
  })
})

describe('core and engine', () => {
  const banned: [name: string, pattern: RegExp][] = [
    ['ambient time', /\bDate\.now\(|\bnew Date\(\)|\bperformance\.|\bsetTimeout\(|\bsetInterval\(/],
    ['ambient randomness', /\bMath\.random\(|\bcrypto\./],
    ['the environment', /\bprocess\./],
    ['the network', /\bfetch\(/],
  ]
  test.each(banned)('do not touch %s', (_name, pattern) => {
    const wrong = files.filter((file) => /^lib\/(core|engine)\//.test(file) && pattern.test(withoutComments(file)))
    expect(wrong).toEqual([])
  })
})

describe('the hot path', () => {
  const functions = ['data', 'mcp', 'control', 'work', 'tick', 'dashboard'].map((name) => `api/${name}.ts`)
  const entries = [...functions, ...sources('api/_surfaces')]
  const all = [...imports, ...entries.flatMap(importsOf)]
  const control =
    /^lib\/(engine\/(runs|validate|autopilot|finish|pass|stages|[\w-]+\.ts)|commands\/(?!records\/(check|size)\.ts)|core\/plan|drivers\/(ledgers|queues)|mcp|cli)\b/
  /** What both need: shapes, what tells the control plane of traffic and trouble, and who may do what. */
  const both = ['lib/engine/collection.ts', 'lib/engine/suspect.ts', 'lib/commands/command.ts']
  const shared = new Set(both)

  test('reads and writes of records load nothing of the control plane', () => {
    const closure = closureOf('api/data.ts', all)
    expect(closure).toContain('lib/engine/data-plane/data-plane.ts')
    expect([...closure].filter((file) => control.test(file) && !shared.has(file))).toEqual([])
  })

  test('a cold start of the data function loads no package but the router', () => {
    const closure = closureOf('api/data.ts', all)
    const packages = all.filter(({ file, local, lazy }) => closure.has(file) && !local && !lazy).map(({ to }) => to)
    expect([...new Set(packages)].sort()).toEqual(['hono', 'hono/method-not-allowed'])
  })

  test('no other function loads what only the endpoint of the tools needs', () => {
    for (const entry of functions.filter((name) => name !== 'api/mcp.ts')) {
      const files = [...closureOf(entry, all)]
      const tools = all.filter(({ file, to, lazy }) => files.includes(file) && to.startsWith('@modelcontext') && !lazy)
      expect([files.filter((file) => file.startsWith('lib/mcp/')), tools]).toEqual([[], []])
    }
  })
})

describe('the page in the browser', () => {
  test('carries nothing of the server', () => {
    const closure = [...closureOf('lib/dashboard/client/main.tsx', imports)]
    expect(
      closure.filter((file) => !/^lib\/(dashboard\/(client|page)|core)\/|^lib\/commands\/command\.ts$/.test(file)),
    ).toEqual([])
  })

  test('uses no style that the policy of the page forbids', () => {
    const wrong = sources('lib/dashboard').filter((file) =>
      /\sstyle=|insertAdjacentHTML|innerHTML =/.test(withoutComments(file)),
    )
    expect(wrong).toEqual([])
  })
})

function ringOf(file: string): (typeof RINGS)[number] | undefined {
  return RINGS.find(({ path }) => path.test(file))
}

/** `lib/drivers/stores/redis/x.ts` is of the driver `stores/redis`; a single file is a driver of its own folder. */
function driverOf(file: string): string | null {
  const parts = /^lib\/drivers\/(.+)$/.exec(file)?.[1]?.split('/')
  if (parts === undefined || parts.length === 1) return null
  return parts.length === 2 ? (parts[0] ?? null) : parts.slice(0, 2).join('/')
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative('.', join(entry.parentPath, entry.name)))
}

function importsOf(file: string): Import[] {
  const text = withoutComments(file)
  const found: Import[] = []
  const statement =
    /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|\btypeof import\('([^']+)'\)/gm
  for (const [whole, typeOnly, eager, lazy, ofType] of text.matchAll(statement)) {
    const to = eager ?? lazy ?? ofType ?? ''
    const local = to.startsWith('.')
    const isLazy = lazy !== undefined || typeOnly !== undefined || whole.startsWith('typeof')
    found.push({
      file,
      to: local ? sourceOf(normalize(join(dirname(file), to))) : to,
      local,
      lazy: isLazy,
    })
  }
  return found.filter(({ to }) => !to.endsWith('.json'))
}

/** The file that an import's path names. */
function sourceOf(path: string): string {
  const found = ['.ts', '.tsx'].map((ending) => path.replace(/\.js$/, ending)).find((one) => existsSync(one))
  return found ?? path
}

function withoutComments(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
}

function closureOf(start: string, all: Import[]): Set<string> {
  const seen = new Set<string>()
  const next = [start]
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    next.push(...all.filter((one) => one.file === file && one.local && !one.lazy).map(({ to }) => to))
  }
  return seen
}

function cycles(): string[] {
  const found: string[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      return
    }
    state.set(file, 'open')
    for (const { to } of imports.filter((one) => one.file === file && one.local && !one.lazy))
      visit(to, [...path, file])
    state.set(file, 'done')
  }
  for (const file of files) visit(file, [])
  return found
}
