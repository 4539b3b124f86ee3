import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isKnownRefusal, refusalInWords } from '../../lib/core/refusals.js'

const LIB = join(import.meta.dirname, '../../lib')

/** Words of the source that stand where a refusal has its reason. */
function literals(): Set<string> {
  const found = new Set<string>()
  for (const folder of ['core', 'engine', 'commands']) {
    const files = readdirSync(join(LIB, folder), { recursive: true, withFileTypes: true })
    for (const file of files.filter(({ name }) => name.endsWith('.ts'))) {
      const text = readFileSync(join(file.parentPath, file.name), 'utf8')
      for (const [, after = ''] of text.matchAll(/kind: (?:z\.literal\()?'refused'(?: as const)?\)?[,\s]*\n?([^}]*)/g))
        for (const word of wordsIn(after)) found.add(word)
    }
  }
  for (const [file, type] of UNIONS) {
    const text = readFileSync(join(LIB, file), 'utf8')
    const body = text.slice(text.indexOf(type)).split(/\n(?:export|\}|const|function)|\] as const/)[0] ?? ''
    for (const [, word = ''] of body.matchAll(/^ +\|? ?'([a-z-]+)'/gm)) found.add(word)
  }
  return found
}

/** Of `reason: 'x'`, and of the schemas that list several. */
function wordsIn(text: string): string[] {
  const [, reason = ''] = /reason:\s*((?:z\.\w+\()?\[?(?:\s*[|,]?\s*'[a-z-]+')+)/.exec(text) ?? []
  return [...reason.matchAll(/'([a-z-]+)'/g)].map(([, word = '']) => word)
}

/** Where reasons are types of their own. */
const UNIONS: [file: string, type: string][] = [
  ['core/transition.ts', 'export type Refusal'],
  ['core/rollback/forbidden.ts', 'const FORBIDDING'],
  ['engine/experiments/define.ts', '  reason:\n'],
]

describe('refusals', () => {
  it('have a sentence for every literal there is, which names a fault and a mend', () => {
    const all = [...literals()]
    for (const known of [
      'target-not-full',
      'epoch-moved',
      'emergency-stopped',
      'subjects-kept',
      'shipped',
      'not-stopped',
    ])
      expect(all).toContain(known)
    expect(all.filter((word) => !isKnownRefusal(word))).toEqual([])
    for (const word of all) {
      const sentence = refusalInWords(word)
      expect(sentence).toMatch(/^[A-Z].*[.]$/)
      expect(sentence).not.toContain('undefined')
      expect(sentence).toMatch(/: |nothing/)
    }
  })

  it('tell what they are about, with what the refusal itself has to say', () => {
    const details = { by: 'sue', message: 'sue has stopped everything: smoke' }
    expect(refusalInWords('emergency-stopped', { collection: 'projects', details })).toBe(
      'Everything is stopped, and nothing advances: lift the stop (lift-emergency-stop) when that is safe. sue has stopped everything: smoke.',
    )
    expect(refusalInWords('no-such-step', { collection: 'projects', from: 'shadow', to: 'complete' })).toBe(
      'projects cannot go from shadow to complete in one step for every record: go one stage at a time.',
    )
    const override = { variable: 'MCP_MIGRATION_MODE', value: 'safe' }
    expect(refusalInWords('override-in-force', { collection: 'projects', to: 'live', details: override })).toContain(
      'forbids that projects goes to live (MCP_MIGRATION_MODE=safe)',
    )
  })

  it('are told as they are where nobody knows them', () => {
    expect(refusalInWords('still-wet')).toBe('It was refused: still-wet.')
    expect(isKnownRefusal('toString')).toBe(false)
  })
})
