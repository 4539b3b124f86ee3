import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { writePublic } from './assets.js'
import { readDeployment } from './deployment.js'

/**
 * Puts every function of `vercel.json` into few files, packages included: at a cold start Node reads, links and
 * compiles each file on its own, and a hundred small ones cost several times what one of the same text does. What is
 * imported lazily stays lazy, in files of its own.
 *
 * As a program (`tsx scripts/build/bundle.ts`) it is the last step of Vercel's build command, which runs before the
 * builder looks at the functions: it writes the bundles over `api/*.ts`, which only the throwaway checkout of a
 * deployment may suffer. Elsewhere it does nothing. A deployment that leaves this step out works all the same, slower.
 */
export async function bundleFunctions(root: string, into: string): Promise<void> {
  const { files } = await functionBundles(root)
  await rm(join(into, CHUNKS), { recursive: true, force: true })
  for (const [path, text] of files) {
    await mkdir(dirname(join(into, path)), { recursive: true })
    await writeFile(join(into, path), text)
  }
}

export interface FunctionBundles {
  /** By the path that the builder is to find them under, such as `api/data.ts`. */
  files: ReadonlyMap<string, string>
  /** esbuild's account of them; its paths end in `.js`. */
  metafile: Metafile
}

export async function functionBundles(root: string): Promise<FunctionBundles> {
  const entries = readDeployment(join(root, 'vercel.json')).functions.map(({ file }) => file)
  const { outputFiles, metafile } = await build({
    entryPoints: entries,
    absWorkingDir: root,
    outbase: '.',
    outdir: '.',
    chunkNames: `${CHUNKS}/[hash]`,
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Names stay, for traces; packages that are not modules find what Node has.
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: REQUIRE },
    logLevel: 'silent',
  })
  const files = outputFiles.map(({ path, text }): [string, string] => {
    const name = path.slice(root.length + 1)
    const source = name.replace(/\.js$/, '.ts')
    // The builder compiles a function's file as TypeScript, and has nothing to say about this one.
    return entries.includes(source) ? [source, `// @ts-nocheck\n${text}`] : [name, text]
  })
  return { files: new Map(files), metafile }
}

/** Not a function: Vercel passes over what begins with an underscore. */
const CHUNKS = 'api/_chunks'
const REQUIRE = "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);"

if (process.argv[1] === import.meta.filename) {
  const root = resolve(import.meta.dirname, '../..')
  if (process.env.VERCEL === '1') {
    await bundleFunctions(root, root)
    await writePublic(join(root, 'public'))
  } else console.log('This is no build of Vercel: the functions stay as they are.')
}
