import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

/**
 * The folder with the functions as Vercel's builder makes them of the present source: from the cache when the same
 * source has been built before, else built now (some 15 seconds). Do not run them in there: below `node_modules` a
 * file that the builder forgot would be found all the same. Throws with the builder's output if it fails.
 */
export async function builtFunctions(): Promise<string> {
  const folder = join(cache, await sourceHash())
  const making = `${folder}.making`
  for (const until = Date.now() + WAIT_MS_MAX; !existsSync(folder); ) {
    if (await isMine(making)) {
      await make(making, folder)
    } else if (Date.now() > until) {
      // Whoever began it is gone.
      await rm(making, { recursive: true, force: true })
    } else {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
    }
  }
  return folder
}

async function make(making: string, folder: string): Promise<void> {
  const script = join(import.meta.dirname, 'build.ts')
  try {
    await promisify(execFile)(process.execPath, ['--import', 'tsx', script, making], { cwd: root })
    await rename(making, folder)
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    throw error
  }
  await dropOld(folder)
}

/** Only one process builds; the others wait for it. */
async function isMine(making: string): Promise<boolean> {
  await mkdir(cache, { recursive: true })
  return mkdir(making).then(
    () => true,
    () => false,
  )
}

const root = resolve(import.meta.dirname, '../..')
const cache = join(root, 'node_modules/.cache/cutover-functions')
const WAIT_MS = 200
/** A build takes a fraction of this. */
const WAIT_MS_MAX = 150_000
/** Builds of other sources are kept this long, for processes that may be reading them. */
const KEPT_MS = 3_600_000

const BUILD = ['scripts/build/build.ts', 'scripts/build/bundle.ts']

/** Everything that the output depends on; installed packages by their lock file. */
async function sourceHash(): Promise<string> {
  const hash = createHash('sha256')
  const single = ['vercel.json', 'package.json', 'package-lock.json', 'tsconfig.json', ...BUILD]
  for (const path of [...single, ...(await filesBelow('api')), ...(await filesBelow('lib'))]) {
    hash.update(JSON.stringify([path, await readFile(join(root, path), 'utf8')]))
  }
  return hash.digest('hex').slice(0, 24)
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}

async function dropOld(present: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const folder = join(cache, name)
    const found = await stat(folder).catch(() => null)
    if (folder !== present && found !== null && Date.now() - found.mtimeMs > KEPT_MS) {
      await rm(folder, { recursive: true, force: true })
    }
  }
}
