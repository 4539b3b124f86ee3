import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type FunctionBundles, functionBundles } from '../../../../scripts/build/bundle.js'

/** What one new process spent, CPU of all its threads and wall clock, in milliseconds. */
export interface Spent {
  cpu: number
  wall: number
}

/** The functions as they are deployed, in a folder outside the repository, so that nothing but their files is found. */
export interface Unpacked {
  bundles: FunctionBundles
  /** Of the file to import, by the function's name. */
  fileOf(name: string): string
  remove(): Promise<void>
}

export const root = resolve(import.meta.dirname, '../../../..')

export async function unpackFunctions(): Promise<Unpacked> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-cold-'))
  const bundles = await functionBundles(root)
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  for (const [path, text] of bundles.files) {
    const file = join(folder, path.replace(/\.ts$/, '.js'))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return {
    bundles,
    fileOf: (name) => join(folder, `api/${name}.js`),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** In a process of its own: imports a module, then runs each of the texts, which see it as `loaded`. */
export async function inNewProcess(
  load: string,
  steps: readonly string[],
  env: { [name: string]: string },
): Promise<Spent[]> {
  const text = `
    const spent = []
    const step = async (run) => {
      const [cpu, wall] = [process.cpuUsage(), performance.now()]
      const answer = await run()
      const { user, system } = process.cpuUsage(cpu)
      spent.push({ cpu: (user + system) / 1000, wall: performance.now() - wall })
      return answer
    }
    const loaded = await step(async () => ${load})
    ${steps.map((run) => `await step(async () => { ${run} })`).join('\n')}
    process.stdout.write(JSON.stringify(spent), () => process.exit(0))
  `
  const path = process.env.PATH ?? ''
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', text], {
    cwd: root,
    env: { PATH: path, ...env },
  })
  return JSON.parse(stdout) as Spent[]
}
