import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'

/**
 * The data function as one module for an edge runtime: Web APIs only, `process` no more than `{ env }`, documents in
 * Blob. `npx tsx scripts/build/edge.ts <file.js>`; the module's default export has `fetch`.
 *
 * An import of Node's own modules anywhere in it fails the build. Documents in files need them, so their driver is
 * replaced by one that refuses: a deployment that asks for it learns so at its start.
 */
export async function edgeBundle(options: { minify?: boolean } = {}): Promise<EdgeBundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: ['api/data.ts'],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['edge-light', 'worker'],
    target: 'es2022',
    minify: options.minify ?? false,
    logLevel: 'silent',
    plugins: [withoutFiles],
  })
  const inputs = Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {})
  return {
    code: outputFiles[0]?.text ?? '',
    inputs: new Map(inputs.map(([path, { bytesInOutput }]) => [path, bytesInOutput])),
  }
}

export interface EdgeBundle {
  code: string
  /** Bytes that each file has in the code. */
  inputs: ReadonlyMap<string, number>
}

const root = resolve(import.meta.dirname, '../..')

const withoutFiles: Plugin = {
  name: 'without-files',
  setup(steps) {
    steps.onResolve({ filter: /\/documents\/files\.js$/ }, () => ({ path: 'files', namespace: 'replaced' }))
    steps.onLoad({ filter: /^files$/, namespace: 'replaced' }, () => ({ contents: refusing, resolveDir: root }))
  },
}

const refusing = `
  import { CutoverError } from './lib/core/error.js'
  export function filesDocuments() {
    throw new CutoverError('configuration', 'An edge runtime has no files. Set BLOB_READ_WRITE_TOKEN.')
  }
`

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2]
  if (file === undefined) throw new Error('Say the file to write.')
  const { code, inputs } = await edgeBundle({ minify: true })
  await writeFile(file, code)
  console.log(`${file}: ${Math.round(code.length / 1024)} KB, from ${inputs.size} files`)
}
