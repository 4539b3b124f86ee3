import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleFunctions, type FunctionBundles, functionBundles } from '../../scripts/build/bundle.js'
import { eagerBytes, eagerSources } from '../bench/rows/cold-start/closure.js'

const root = resolve(import.meta.dirname, '../..')
const KB_MAX = 300

let bundles: FunctionBundles
let folder: string

beforeAll(async () => {
  bundles = await functionBundles(root)
  folder = await mkdtemp(join(tmpdir(), 'cutover-bundle-'))
}, 60_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the bundled data function', () => {
  it('is small, and loads neither a schema library nor a vendor SDK before it needs them', () => {
    expect(eagerBytes(bundles.metafile, 'data')).toBeLessThan(KB_MAX * 1024)
    const packages = eagerSources(bundles.metafile, 'data').flatMap((path) => path.match(/node_modules\/([^/]+)/)?.[1])
    expect(new Set(packages.filter((name) => name !== undefined))).toEqual(new Set(['hono']))
  })

  it('has everything in it: no function imports a package by its name', () => {
    for (const [path, { imports }] of Object.entries(bundles.metafile.outputs)) {
      const outside = imports.filter(({ external, path: to }) => external && !/^(node:|[a-z_]+(\/[a-z_]+)?$)/.test(to))
      expect([path, outside]).toEqual([path, []])
    }
  })
})

it('the page loads what it shows, and no verb that steers', () => {
  const verbs = eagerSources(bundles.metafile, 'dashboard').filter((path) => path.startsWith('lib/commands/operators/'))
  expect(verbs).toContain('lib/commands/operators/state/show-dashboard.ts')
  expect(verbs.filter((path) => /(advance-stage|roll-back|start-|put-|emergency-stop)/.test(path))).toEqual([
    'lib/commands/operators/rollbacks/show-emergency-stop.ts',
  ])
})

describe('a checkout whose functions are bundled', () => {
  it('has the same functions, and pieces that are not functions', async () => {
    await bundleFunctions(root, folder)
    const found = await readdir(join(folder, 'api'))
    expect(found.sort()).toEqual(['_chunks', 'control.ts', 'dashboard.ts', 'data.ts', 'mcp.ts', 'tick.ts', 'work.ts'])
    expect(await readFile(join(folder, 'api/data.ts'), 'utf8')).toMatch(/^\/\/ @ts-nocheck\n/)
  })

  it('is bundled again without what is left of the first time', async () => {
    const stray = join(folder, 'api/_chunks/stray.js')
    await writeFile(stray, '')
    await bundleFunctions(root, folder)
    await expect(readFile(stray)).rejects.toThrow('ENOENT')
  })
})
