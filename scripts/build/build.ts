import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bundleFunctions } from './bundle.js'
import { readDeployment } from './deployment.js'

/**
 * Builds every function of `vercel.json` with Vercel's own builder, without network, login or CLI, into
 * `<folder>/<name>.func`, each with the files that the builder traced and nothing else. `npx tsx scripts/build/build.ts
 * <folder>`.
 *
 * As on Vercel, in a checkout that is thrown away, after the step of the build command that bundles the functions. Not
 * here: the checks of the build command and the copy of `public/`, which are the CLI's part.
 */
const root = resolve(import.meta.dirname, '../..')
const out = process.argv[2]
if (out === undefined) throw new Error('Say the folder to build into.')

// The builder would otherwise run `npm install` first.
process.env.VERCEL_INSTALL_COMPLETED = '1'
const require = createRequire(import.meta.url)
const { build }: { build: (options: object) => Promise<{ output: BuiltFunction }> } = require('@vercel/node')
const { glob, download }: BuildUtils = require('@vercel/build-utils')

const checkout = await realpath(await mkdtemp(join(tmpdir(), 'cutover-build-')))
for (const name of ['api', 'lib', 'package.json', 'tsconfig.json'])
  await cp(join(root, name), join(checkout, name), { recursive: true })
await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'))

const files = await glob('{api,lib}/**', { cwd: checkout })
Object.assign(files, await glob('{package.json,tsconfig.json}', { cwd: checkout }))
// The platform has listed the files before the build command adds its own.
await bundleFunctions(root, checkout)
for (const { file, name } of readDeployment(join(root, 'vercel.json')).functions) {
  const { output } = await build({
    files,
    entrypoint: file,
    workPath: checkout,
    repoRootPath: checkout,
    config: { zeroConfig: true },
    meta: { skipDownload: true },
  })
  const folder = join(out, `${name}.func`)
  await mkdir(folder, { recursive: true })
  await download(output.files, folder)
  const { handler, runtime } = output
  await writeFile(join(folder, '.vc-config.json'), JSON.stringify({ handler, runtime }))
}
await rm(checkout, { recursive: true, force: true })

interface BuiltFunction {
  files: object
  /** The entry's path in the folder, as in `api/data.js`. */
  handler: string
  runtime: string
}

interface BuildUtils {
  glob: (pattern: string, options: { cwd: string }) => Promise<object>
  download: (files: object, folder: string) => Promise<unknown>
}
