import { type ChildProcess, spawn } from 'node:child_process'
import { type FileHandle, open } from 'node:fs/promises'
import { env as environment, execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Child {
  pid: number
  /** The JSON object it printed when it was ready. */
  ready: { [name: string]: unknown }
  /** Asks it to end in order, and makes it end if it does not. */
  stop(): Promise<void>
  /** Ends it at once, with whatever it has under way. */
  kill(): Promise<void>
}

export interface Children {
  start(script: URL, env: { [name: string]: string | undefined }): Promise<Child>
  /** Rejects when one ends that nobody has told to. */
  failure: Promise<never>
  /** Ends all that are left. */
  stopAll(): Promise<void>
}

const READY_MS_MAX = 60_000
const STOP_MS_MAX = 20_000

/** Processes that end with this one: a channel to each tells it so, even if this one is killed. */
export function childProcesses(logFile: string): Children {
  const running = new Set<Pick<Child, 'stop'>>()
  let log: Promise<FileHandle> | undefined
  let fail: (error: Error) => void = () => {}
  const failure = new Promise<never>((_, reject) => {
    fail = reject
  })
  failure.catch(() => {})

  async function start(script: URL, env: { [name: string]: string | undefined }): Promise<Child> {
    log ??= open(logFile, 'a')
    const { fd } = await log
    const path = fileURLToPath(script)
    const started = spawn(execPath, ['--import', import.meta.resolve('tsx'), path], {
      env: { ...environment, ...env },
      stdio: ['ignore', 'pipe', fd, 'ipc'],
    })
    let expected = false
    const exited = new Promise<void>((resolve) => started.once('exit', () => resolve()))
    const process = { pid: started.pid ?? 0, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
    running.add(process)
    void exited.then(() => running.delete(process))
    async function end(signal: NodeJS.Signals): Promise<void> {
      expected = true
      started.kill(signal)
      const timer = setTimeout(() => started.kill('SIGKILL'), STOP_MS_MAX)
      await exited
      clearTimeout(timer)
    }
    const ready = await readyLine(started, path)
    void exited.then(() => {
      if (!expected) fail(new Error(`A process ended by itself: ${path} (${process.pid}).`))
    })
    return { ...process, ready }
  }

  return {
    start,
    failure,
    async stopAll() {
      await Promise.all([...running].map((child) => child.stop()))
      await (await log)?.close()
    },
  }
}

function readyLine(child: ChildProcess, path: string): Promise<{ [name: string]: unknown }> {
  return new Promise((resolve, reject) => {
    const give = (what: string): void => reject(new Error(`${path} ${what}.`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      give('was not ready in time')
    }, READY_MS_MAX)
    child.once('exit', (code) => give(`ended with code ${code} before it was ready`))
    if (child.stdout === null) return give('has no output')
    createInterface(child.stdout).once('line', (line) => {
      clearTimeout(timer)
      try {
        resolve(JSON.parse(line))
      } catch {
        give('printed something other than JSON first')
      }
    })
  })
}
