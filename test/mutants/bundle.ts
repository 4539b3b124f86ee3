import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { Edit } from './mutant.js'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Bundles `entry` (a path from the root) with the edits applied to the text of the files as they are loaded. The files
 * themselves are never touched. Packages stay outside, so the bundle has to lie where they are found.
 */
export async function bundle(entry: string, edits: readonly Edit[], outfile: string): Promise<void> {
  await build({
    entryPoints: [join(ROOT, entry)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
    plugins: [edited(edits)],
  })
}

/** A fresh folder for bundles, inside the packages' folder for their imports to be found; gone when it is closed. */
export function bundleFolder(): { path: string; close: () => void } {
  const cache = join(ROOT, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const path = mkdtempSync(join(cache, 'mutants-'))
  return { path, close: () => rmSync(path, { recursive: true, force: true }) }
}

/** The text of `file` with its edits. Throws where a text to be replaced is not there exactly once. */
export function editedText(file: string, edits: readonly Edit[], guard: string): string {
  let text = readFileSync(join(ROOT, file), 'utf8')
  for (const { find, replace } of edits.filter((edit) => edit.file === file)) {
    const count = text.split(find).length - 1
    if (count !== 1) {
      throw new Error(`The guard "${guard}" has moved; update the mutant: ${count} places in ${file} read\n${find}`)
    }
    text = text.replace(find, () => replace)
  }
  return text
}

function edited(edits: readonly Edit[]): Plugin {
  const files = new Set(edits.map(({ file }) => file))
  const loaded = new Set<string>()
  return {
    name: 'mutant',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const file = relative(ROOT, path)
        if (!files.has(file)) return undefined
        loaded.add(file)
        return { contents: editedText(file, edits, file), loader: 'ts' }
      })
      build.onEnd(() => {
        for (const file of files) {
          if (!loaded.has(file)) throw new Error(`The mutant changes ${file}, which is no part of the bundle.`)
        }
      })
    },
  }
}
