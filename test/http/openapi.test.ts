import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { collectionSchemas } from '../../lib/commands/records/schemas.js'
import { docsPage } from '../../lib/http/docs-page.js'
import { type DescribedCommand, openapiDocument } from '../../lib/http/openapi.js'
import { SERVICE_PATHS } from '../../lib/http/openapi-service.js'

interface Tree {
  value: string
  children: Tree[]
}
const tree: z.ZodType<Tree> = z.object({ value: z.string(), children: z.lazy(() => z.array(tree)) })

const commands: DescribedCommand[] = [
  {
    name: 'prune',
    summary: 'Prunes <b>a</b> tree.',
    role: 'admin',
    readOnly: false,
    destructive: true,
    http: { method: 'POST', path: '/trees/{tree}/prune' },
    input: z.object({ tree: z.string(), branch: tree, dryRun: z.boolean().default(false) }),
    output: tree,
  },
  {
    name: 'list-trees',
    summary: 'Lists trees.',
    role: 'viewer',
    readOnly: true,
    destructive: false,
    http: { method: 'GET', path: '/trees/{tree}' },
    input: z.object({ tree: z.string(), limit: z.number().int().optional(), kind: z.string() }),
    output: z.array(z.object({ at: z.date() })),
  },
]

describe('the OpenAPI document', () => {
  const document = openapiDocument({ commands, schemas: collectionSchemas, version: '0.1.0' })

  it('describes each collection and each command once', () => {
    const own = Object.keys(document.paths).filter((path) => !(path in SERVICE_PATHS))
    expect(own).toStrictEqual([
      '/api/v1/projects',
      '/api/v1/projects/{id}',
      '/api/v1/resources',
      '/api/v1/resources/{id}',
      '/api/migration/trees/{tree}/prune',
      '/api/migration/trees/{tree}',
    ])
    const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map((each) => each.operationId))
    expect(ids).toContain('put-projects')
    expect(ids).toContain('prune')
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('splits the input of a command into path, query and body', () => {
    const prune = document.paths['/api/migration/trees/{tree}/prune']?.post
    expect(prune?.parameters).toMatchObject([{ name: 'tree', in: 'path', required: true, schema: { type: 'string' } }])
    expect(prune?.requestBody).toMatchObject({
      required: true,
      content: {
        'application/json': { schema: { required: ['branch'], properties: { dryRun: { type: 'boolean' } } } },
      },
    })
    const list = document.paths['/api/migration/trees/{tree}']?.get
    expect(list?.requestBody).toBeUndefined()
    expect(list?.parameters?.map((each) => [each.name, each.in, each.required])).toStrictEqual([
      ['tree', 'path', true],
      ['limit', 'query', false],
      ['kind', 'query', true],
    ])
  })

  it('holds no reference that leads nowhere, and declares every parameter of a path', () => {
    const text = JSON.stringify(document)
    const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, target = '']) => target)
    expect(references.length).toBeGreaterThan(10)
    for (const target of references) {
      expect(target).toMatch(/^#\/components\/schemas\//)
      expect(document.components.schemas).toHaveProperty([target.slice('#/components/schemas/'.length)])
    }
    for (const [path, methods] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      for (const { parameters = [] } of Object.values(methods)) {
        expect(parameters.filter((each) => each.in === 'path').map((each) => each.name)).toStrictEqual(named)
      }
    }
  })

  it('uses names that OpenAPI allows for components', () => {
    for (const name of Object.keys(document.components.schemas)) expect(name).toMatch(/^[\w.-]+$/)
  })

  it('has a page that lists every operation and takes no text for markup', () => {
    const page = docsPage(document)
    for (const methods of Object.values(document.paths)) {
      for (const { operationId } of Object.values(methods)) expect(page).toContain(`id="${operationId}"`)
    }
    expect(page).toContain('Prunes &#60;b&#62;a')
    expect(page).not.toMatch(/<script|src=|https?:/)
  })
})
