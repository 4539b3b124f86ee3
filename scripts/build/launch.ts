import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { builtFunctions } from './built.js'

export interface LaunchOptions {
  /** The whole environment of the functions, but for `CUTOVER_PUBLIC_URL`, which is the launcher's own by default. */
  env: { [name: string]: string }
  /** The one folder that may be written to. Absent: none, as on Vercel. */
  writable?: string
  /** Instead of every function's `maxDuration`. */
  deadlineMs?: number
}

export interface Launched {
  url: string
  /** Requests that functions have finished with, their work after the answer included. */
  invocations: Invocation[]
  /** What the functions wrote to their logs. */
  log(): string
  close(): Promise<void>
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
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'cutover-functions-')))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await cp(await builtFunctions(), folder, { recursive: true })
    const script = join(folder, 'launcher.mjs')
    const entryPoints = [join(import.meta.dirname, 'launcher.ts')]
    await build({ entryPoints, outfile: script, bundle: true, format: 'esm', platform: 'node', target: 'node20' })
    const { deadlineMs } = options
    const settings: LauncherOptions = {
      vercelJson: join(root, 'vercel.json'),
      functionsDir: folder,
      publicDir: join(root, 'public'),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    }
    const child = spawn(process.execPath, [...permissions(options.writable), script, JSON.stringify(settings)], {
      cwd: folder,
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    return await started(child, remove)
  } catch (error) {
    await remove()
    throw error
  }
}

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

async function started(child: ChildProcess, remove: () => Promise<void>): Promise<Launched> {
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
    invocations,
    log: () => output,
    async close() {
      child.kill()
      await exited
      await remove()
    },
  }
}
