import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { editedText, ROOT } from './bundle.js'
import { openHunters } from './hunters.js'
import { main } from './main.js'
import { type Mutant, without } from './mutant.js'
import { MUTANTS } from './mutants.js'
import { readPins } from './pins.js'
import { survey } from './survey.js'

/** Seeds of each of a mutant's profiles that are tried where what is pinned does not find it out any more. */
const FURTHER_SEEDS = 600
const README = 'test/protocol/README.md'

describe('the list of mutants', () => {
  test('every text that is replaced is in its file exactly once', () => {
    for (const { guard, edits } of MUTANTS)
      for (const { file } of edits) expect(editedText(file, edits, guard)).not.toBe(textOf(file))
  })

  test('every name is given once, and every guard that the protocol lists has a mutant', () => {
    const names = MUTANTS.map(({ name }) => name)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
    const listed = [...textOf(README).matchAll(/^\| ([^|]+) \|/gm)].map(([, guard = '']) => guard.trim())
    const guards = listed.filter((guard) => guard !== 'guard' && !guard.startsWith('---'))
    expect(guards.length).toBeGreaterThan(30)
    const without = guards.filter((guard) => !MUTANTS.some((mutant) => mutant.guard === guard))
    expect(without).toEqual([])
  })

  test('a mutant whose text is not there, or not once, is refused by name', () => {
    const refused = /The guard "a guard" has moved; update the mutant: [02] places/
    const file = 'lib/core/version.ts'
    expect(() => editedText(file, [{ file, find: 'no such text', replace: '' }], 'a guard')).toThrow(refused)
    expect(() => editedText(file, [{ file, find: 'const EPOCH_', replace: '' }], 'a guard')).toThrow(refused)
  })

  test('every mutant is redundant, or pinned, or says that nobody has found it out yet', () => {
    const names = MUTANTS.filter(({ redundant }) => redundant === undefined).map(({ name }) => name)
    const pins = readPins()
    expect(Object.keys(pins).sort()).toEqual(names.sort())
    const unseen = names.filter((name) => pins[name] === null)
    if (unseen.length > 0) console.warn(`Not found out yet (npm run mutants -- --unpinned):\n${unseen.join('\n')}`)
  })
})

test('every pinned history finds its mutant out, and passes on the code as it is; model and tests by hand are for the program', {
  timeout: 600_000,
}, async () => {
  const pins = readPins()
  const pinned = MUTANTS.filter(({ name, redundant }) => {
    const pin = pins[name] ?? null
    return pin !== null && pin.ground !== 'model' && pin.ground !== 'by-hand' && redundant === undefined
  })
  const { quick, close } = await openHunters(2, pins)
  const moved: string[] = []
  try {
    const { findings } = await survey(pinned, quick, { seeds: FURTHER_SEEDS }, { atOnce: 3, onFinding: () => {} })
    for (const { mutant, caught } of findings) {
      const pin = pins[mutant.name]
      if (caught !== null && (caught.seed !== pin?.seed || caught.ground !== pin?.ground))
        moved.push(`pin "${mutant.name}" to ${caught.ground}, seed ${caught.seed}`)
    }
    if (moved.length > 0) console.warn(`Histories have changed (main.ts --pin writes them):\n${moved.join('\n')}`)
    expect(findings.filter(({ caught }) => caught === null).map(({ mutant }) => mutant.name)).toEqual([])
  } finally {
    await close()
  }
})

test('a mutant that changes nothing survives, and the program says so', { timeout: 120_000 }, async () => {
  const equal: Mutant = without(
    'a guard',
    'a comment is gone',
    'lib/core/version.ts',
    ['/** The version of a record that was in the source before cutover first wrote it. */\n', ''],
    ['strays'],
  )
  const printed: string[] = []
  const code = await main(
    ['--seeds', '3', '--workers', '1'],
    [equal],
    (text) => printed.push(text),
    () => {},
  )
  expect(code).toBe(1)
  expect(printed.join('\n')).toMatch(/\| SURVIVED \|[\s\S]*caught 0 of 1/)
})

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}
