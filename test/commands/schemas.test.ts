import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkRecord } from '../../lib/commands/records/check.js'
import { collectionSchemas, projectSchema, resourceSchema } from '../../lib/commands/records/schemas.js'
import { CutoverError } from '../../lib/core/error.js'

describe('projects', () => {
  it('can be the package manifests that npm installs', () => {
    const root = join(import.meta.dirname, '../../node_modules')
    const manifests = readdirSync(root)
      .map((name) => join(root, name, 'package.json'))
      .flatMap((path) => {
        try {
          return [JSON.parse(readFileSync(path, 'utf8')) as { name: string }]
        } catch {
          return [] // a scope or a tool's folder
        }
      })
    expect(manifests.length).toBeGreaterThan(20)
    for (const manifest of manifests) {
      const record = checkRecord(collectionSchemas, 'projects', manifest.name, manifest)
      expect(record).toStrictEqual({ ...manifest, id: manifest.name })
    }
  })

  it('are refused with the path of each fault and without the values', () => {
    const value = { name: '', keywords: ['a', 7], status: 'secret', createdAt: 'yesterday' }
    const fault = faultOf(() => checkRecord(collectionSchemas, 'projects', 'a', value))
    expect(fault.code).toBe('invalid-input')
    for (const path of ['$.name', '$.keywords[1]', '$.status', '$.createdAt']) expect(fault.message).toContain(path)
    expect(fault.message).not.toMatch(/secret|yesterday/)
  })
})

describe('resources', () => {
  it('belong to a project and keep members of their own', () => {
    const value = { id: 'r', projectId: 'p', name: 'R', metadata: { any: [1, null] }, own: true }
    expect(resourceSchema.parse(value)).toStrictEqual(value)
    expect(resourceSchema.safeParse({ id: 'r', name: 'R' }).success).toBe(false)
  })
})

describe('a record', () => {
  it('always holds its id, first when it had none, and is otherwise kept as sent', () => {
    const record = checkRecord(collectionSchemas, 'projects', 'a', { version: '1', name: 'A' })
    expect(JSON.stringify(record)).toBe('{"id":"a","version":"1","name":"A"}')
    const same = { name: 'A', id: 'a' }
    expect(checkRecord(collectionSchemas, 'projects', 'a', same)).toBe(same)
  })

  it('keeps an id that is a number, as old documents have them', () => {
    const numbered = { id: 7, name: 'A' }
    expect(checkRecord(collectionSchemas, 'projects', '7', numbered)).toBe(numbered)
    expect(faultOf(() => checkRecord(collectionSchemas, 'projects', '07', numbered)).details.path).toBe('$.id')
  })

  it.each([[{ id: 'b', name: 'B' }], [{ id: null, name: 'B' }], [['a']], ['a'], [null]])('is not %j', (value) => {
    expect(faultOf(() => checkRecord(collectionSchemas, 'projects', 'a', value)).code).toBe('invalid-input')
  })

  it('of a collection without a schema can be any object', () => {
    expect(checkRecord({}, 'toString', 'a', { x: 1 })).toStrictEqual({ id: 'a', x: 1 })
  })

  it('lists at most ten faults', () => {
    const keywords = new Array(30).fill(1)
    const fault = faultOf(() => checkRecord({ projects: projectSchema }, 'projects', 'a', { name: 'A', keywords }))
    expect(fault.details.faults).toHaveLength(10)
    expect(fault.message).toContain('and 20 more')
  })

  it('of each collection has a schema that can be published', () => {
    for (const schema of Object.values(collectionSchemas)) {
      expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({ type: 'object', additionalProperties: {} })
    }
  })
})

function faultOf(attempt: () => unknown): CutoverError {
  try {
    attempt()
  } catch (error) {
    if (error instanceof CutoverError) return error
    throw error
  }
  throw new Error('accepted')
}
