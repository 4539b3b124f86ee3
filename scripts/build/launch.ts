import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { writePublic } from './assets.js'
import { builtFunctions } from './built.js'

export interface LaunchOptions {
  /** The whole environment of the functions, but for `CUTOVER_PUBLIC_URL`, which is the launcher's own by default. */
  env: { [name: string]: string }
  /** The one folder that may be written to. Absent: none, as on Vercel. */
  writable?: string
  /** Instead of every function's `maxDuration`. */
  deadlineMs?: number
  /** Instead of the repository's own: a deployment with other limits. */
  vercelJson?: string
}

export interface Launched {
  url: string
  pid: number
  /** Resolves when the process has ended, for whatever reason. */
  gone: Promise<void>
  /** Requests that functions have finished with, their work after the answer included. */
  invocations: Invocation[]
  /** What the functions wrote to their logs. */
  log(): string
  close(): Promise<void>
}

/** The built functions and the launcher in a folder of their own, from which any number of processes may run. */
export interface Unpacked {
  folder: string
  remove(): Promise<void>
}

export interface Invocation {
  name: string
  method: string
  path: string
  /** 504 if the deadline came first. */
  status: number
  /** Wall-clock milliseconds, as `endedAt`. */
  deadline: number
  endedAt: number
}

export type LauncherMessage = { kind: 'ready'; url: string } | { kind: 'invocation'; invocation: Invocation }

export interface LauncherOptions {
  vercelJson: string
  functionsDir: string
  publicDir: string
  deadlineMs?: number
}

/**
 * The functions as Vercel's builder makes them, in a process of their own: outside the repository, so that a file
 * that was not traced is not found, started by Node alone, so that nothing is compiled on the way, and under Node's
 * permission model, so that a write to disk fails as it would on Vercel's read-only file system.
 */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const unpacked = await unpack()
  try {
    const launched = await launchFrom(unpacked, options)
    return {
      ...launched,
      async close() {
        await launched.close()
        await unpacked.remove()
      },
    }
  } catch (error) {
    await unpacked.remove()
    throw error
  }
}

export async function unpack(): Promise<Unpacked> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'cutover-functions-')))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await cp(await builtFunctions(), folder, { recursive: true })
    const entryPoints = [join(import.meta.dirname, 'launcher.ts')]
    const outfile = join(folder, LAUNCHER)
    await writePublic(join(folder, PUBLIC))
    await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20' })
    return { folder, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** One process of the functions: the files stay when it ends. */
export function launchFrom({ folder }: Unpacked, options: LaunchOptions): Promise<Launched> {
  const { deadlineMs, writable, env, vercelJson = join(root, 'vercel.json') } = options
  const settings: LauncherOptions = {
    vercelJson,
    functionsDir: folder,
    publicDir: join(folder, PUBLIC),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  }
  const args = [...permissions(writable), join(folder, LAUNCHER), JSON.stringify(settings)]
  return started(spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }))
}

const LAUNCHER = 'launcher.mjs'
const PUBLIC = 'public'
const root = resolve(import.meta.dirname, '../..')

function permissions(writable: string | undefined): string[] {
  const known = process.allowedNodeEnvironmentFlags
  const flag = known.has('--permission') ? '--permission' : '--experimental-permission'
  return [
    '--no-warnings',
    flag,
    '--allow-fs-read=*',
    ...(known.has('--allow-net') ? ['--allow-net'] : []),
    ...(writable === undefined ? [] : [`--allow-fs-write=${join(writable, '*')}`]),
  ]
}

async function started(child: ChildProcess): Promise<Launched> {
  const invocations: Invocation[] = []
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => {
      output += text
    })
  }
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    child.once('close', () => reject(new Error(`The launcher ended before it was ready. ${output}`)))
    child.on('message', (message: LauncherMessage) => {
      if (message.kind === 'ready') resolve(message.url)
      else invocations.push(message.invocation)
    })
  })
  return {
    url,
    pid: child.pid ?? 0,
    gone: exited,
    invocations,
    log: () => output,
    async close() {
      child.kill()
      await exited
    },
  }
}
