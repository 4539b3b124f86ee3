import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'

/**
 * The static files of the dashboard, from its source: by their path below `public/`, such as `dashboard/app.js`.
 *
 * As a program (`tsx scripts/build/assets.ts <folder>`) it writes them, with what lies in `public/`, into a folder.
 */
export async function dashboardAssets(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: ['main.tsx', 'app.css'].map((file) => ({ in: join(client, file), out: 'app' })),
    outdir: join(root, 'public/dashboard'),
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
  })
  const made = outputFiles.map(({ path, contents }): [string, Uint8Array] => [
    path.slice(join(root, 'public/').length),
    contents,
  ])
  return new Map([...made, ['dashboard/icon.svg', await readFile(join(client, 'icon.svg'))]])
}

/** Everything that a deployment serves as files. */
export async function writePublic(folder: string): Promise<void> {
  const from = join(root, 'public')
  if (resolve(folder) !== from) await cp(from, folder, { recursive: true })
  for (const [path, contents] of await dashboardAssets()) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), contents)
  }
}

const root = resolve(import.meta.dirname, '../..')
const client = join(root, 'lib/dashboard/client')

if (process.argv[1] === import.meta.filename) {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) throw new Error('Say the folder to write into.')
  await writePublic(resolve(folder))
}
