import type { Metafile } from 'esbuild'

/** Bytes of the files that Node reads and compiles when a function is imported: the entry and all it imports eagerly. */
export function eagerBytes(metafile: Metafile, name: string): number {
  return bytesOf(metafile, closureOf(metafile, [`api/${name}.js`]))
}

/** Bytes that are loaded beyond that, the first time that a lazily imported file is asked for. */
export function lazyBytes(metafile: Metafile, name: string, source: RegExp): number {
  const eager = closureOf(metafile, [`api/${name}.js`])
  const starts = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => source.test(entryPoint ?? ''))
  const all = closureOf(metafile, [`api/${name}.js`, ...starts.map(([path]) => path)])
  return bytesOf(metafile, new Set([...all].filter((path) => !eager.has(path))))
}

/** Files of ours or of packages that have a part in what is loaded eagerly. */
export function eagerSources(metafile: Metafile, name: string): string[] {
  const outputs = [...closureOf(metafile, [`api/${name}.js`])]
  return [...new Set(outputs.flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {})))]
}

function closureOf({ outputs }: Metafile, starts: readonly string[]): Set<string> {
  const seen = new Set<string>()
  const next = [...starts]
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    const { imports = [] } = outputs[path] ?? {}
    next.push(
      ...imports.filter(({ kind, external }) => kind === 'import-statement' && !external).map((one) => one.path),
    )
  }
  return seen
}

function bytesOf({ outputs }: Metafile, paths: ReadonlySet<string>): number {
  return [...paths].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0)
}
