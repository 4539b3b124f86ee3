import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { CutoverError } from '../../../../lib/core/error.js'

/**
 * Starts a redis-server on a free loopback port, with an append-only file in `directory`, or without any file if that
 * is `null`. It has a process group of its own, so that an interrupt at the terminal does not reach it before us, and
 * is stopped in order even if this process is killed: a shell beside it waits for the end of a pipe that we hold.
 */
export async function startRedisServer(
  binary: string,
  directory: string | null,
  options: RedisProcessOptions = {},
): Promise<RedisProcess> {
  const home = directory === null ? await mkdtemp(join(tmpdir(), 'cutover-redis-')) : resolve(directory)
  await mkdir(home, { recursive: true })
  await waitForPredecessor(home)
  const { password = randomBytes(24).toString('hex'), fsync = 'everysec' } = options
  const port = options.port ?? (await freePort())
  const configuration = join(home, 'redis.conf')
  const text = configurationText({ home, port, password, durable: directory !== null, fsync })
  await writeFile(configuration, text, { mode: 0o600 })
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', binary, configuration], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  const gone = new AbortController()
  child.once('exit', () => gone.abort())
  const pid = await firstLine(child)
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    pid,
    gone: gone.signal,
    stop: async () => {
      await end(child, pid)
      if (directory === null) await rm(home, { recursive: true, force: true })
    },
  }
}

export interface RedisProcessOptions {
  /** A free one by default. */
  port?: number
  /** A random one by default. */
  password?: string
  /**
   * `everysec` by default. With `always` each answer waits until the disk has the write: then nothing that was
   * acknowledged is lost even when the server is killed at once.
   */
  fsync?: 'everysec' | 'always'
}

export interface RedisProcess {
  /** With the password. */
  url: string
  /** Of the server itself. */
  pid: number
  /** Aborted when the server has ended, for whatever reason. */
  gone: AbortSignal
  stop(): Promise<void>
}

/** The full path of a program on PATH, or `null`. */
export function findOnPath(program: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, program)
    try {
      accessSync(candidate, constants.X_OK)
      if (folder !== '') return candidate
    } catch {
      // Not in this folder.
    }
  }
  return null
}

/** $1 is the program, $2 its configuration. File 3 ends when our process does, however it ends. */
const GUARD = `"$1" "$2" >/dev/null 2>&1 3<&- &
pid=$!
echo "$pid"
{ cat >/dev/null; kill "$pid"; } <&3 >/dev/null 2>&1 &
watch=$!
exec 3<&- >&-
wait "$pid"
kill "$watch" 2>/dev/null`

const STOP_MS_MAX = 10_000
const PREDECESSOR_MS_MAX = 5_000

function configurationText(values: {
  home: string
  port: number
  password: string
  durable: boolean
  fsync: 'everysec' | 'always'
}): string {
  return [
    `port ${values.port}`,
    'bind 127.0.0.1',
    `requirepass ${values.password}`,
    `dir ${JSON.stringify(values.home)}`,
    `pidfile ${JSON.stringify(join(values.home, 'redis.pid'))}`,
    'logfile redis.log',
    'loglevel warning',
    'save ""',
    `appendonly ${values.durable ? 'yes' : 'no'}`,
    `appendfsync ${values.fsync}`,
    '',
  ].join('\n')
}

/** Two servers must not share a directory: waits for one that is just stopping, and refuses one that stays. */
async function waitForPredecessor(home: string): Promise<void> {
  const pid = Number(await readFile(join(home, 'redis.pid'), 'utf8').catch(() => '0'))
  for (let waited = 0; waited < PREDECESSOR_MS_MAX; waited += 100) {
    if (!(pid > 0) || !isRedisServer(pid)) return
    await sleep(100)
  }
  throw new CutoverError('configuration', `A redis-server (process ${pid}) is already using ${home}; stop it first.`)
}

function isRedisServer(pid: number): boolean {
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', 'comm='], { encoding: 'utf8' }).includes('redis-server')
  } catch {
    return false
  }
}

/** A port of this machine that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0))
    })
  })
}

async function firstLine(child: ChildProcess): Promise<number> {
  for await (const chunk of child.stdio[1] as Readable) return Number(String(chunk))
  throw new CutoverError('unavailable', 'redis-server could not be started.')
}

async function end(child: ChildProcess, pid: number): Promise<void> {
  const exited = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
  ;(child.stdio[3] as Writable).end()
  const force = setTimeout(() => process.kill(pid, 'SIGKILL'), STOP_MS_MAX)
  await exited
  clearTimeout(force)
}
