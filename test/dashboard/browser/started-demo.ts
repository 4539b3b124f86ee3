import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** The demo as a process of its own, as somebody has started it in a terminal. */
export interface StartedDemo {
  url: string
  token: string
  /** Its report, when it has come to its end; it stays up. */
  report: Promise<unknown>
  exitCode: Promise<number | null>
  /** As a service manager ends it. */
  end(): Promise<void>
}

const LAST_LINES = 30

export async function startDemo(args: string[]): Promise<StartedDemo> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), 'scripts/demo.ts', ...args])
  const said: string[] = []
  const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve))
  const ended = exitCode.then((code): never => {
    throw new Error(`The demo has ended by itself with ${code}:\n${said.slice(-LAST_LINES).join('\n')}`)
  })
  ended.catch(() => {})
  const invited = new Promise<{ url: string; token: string }>((resolve) => {
    createInterface(child.stderr).on('line', (line) => {
      said.push(line)
      const [, url, token] = /watch and steer it: (\S+) \(sign in with (\w+)\)/.exec(line) ?? []
      if (url !== undefined && token !== undefined) resolve({ url, token })
    })
  })
  const report = new Promise<unknown>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('{')) resolve(JSON.parse(line))
    })
  })
  const reported = Promise.race([report, ended])
  reported.catch(() => {})
  return {
    ...(await Promise.race([invited, ended])),
    report: reported,
    exitCode,
    async end() {
      child.kill('SIGTERM')
      await exitCode
    },
  }
}
