import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/**
 * A module compiled as for a deployment. The loader of the bench wraps every function that is made in a call which
 * keeps its name; where nanoseconds are counted, that must not be among them.
 */
export async function importBuilt<Module>(entry: URL): Promise<Module> {
  const cache = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url)) // where packages are found
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'bench-'))
  const outfile = join(folder, 'built.mjs')
  try {
    await build({
      entryPoints: [fileURLToPath(entry)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'silent',
    })
    return (await import(pathToFileURL(outfile).href)) as Module
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
