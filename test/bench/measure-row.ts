import { spawn } from 'node:child_process'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Message } from './one.js'
import type { Measured, Row, Setting } from './row.js'

export type Outcome =
  | { kind: 'measured'; row: Omit<Row, 'run'>; measured: Measured; seconds: number }
  | { kind: 'failed'; number: number; error: string }

/** A row that takes longer has hung. */
const ROW_MS_MAX = 240_000
const SCRIPT = fileURLToPath(new URL('./one.ts', import.meta.url))

/** One row in its own process; `--expose-gc` so that memory can be measured after a collection. */
export function measureRow(number: number, { size, seed, tell }: Setting): Promise<Outcome> {
  return new Promise((resolve) => {
    const began = performance.now()
    const args = ['--expose-gc', '--import', import.meta.resolve('tsx'), SCRIPT, String(number), size, String(seed)]
    const child = spawn(execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    let outcome: Outcome = { kind: 'failed', number, error: 'The process ended before it had measured anything.' }
    const timer = setTimeout(() => {
      outcome = { kind: 'failed', number, error: `It took longer than ${ROW_MS_MAX / 1000} s.` }
      child.kill('SIGKILL')
    }, ROW_MS_MAX)
    child.on('message', (message: Message) => {
      if (message.kind === 'told') tell(message.text)
      else if (message.kind === 'failed') outcome = { kind: 'failed', number, error: message.error }
      else {
        const { row, measured } = message
        outcome = { kind: 'measured', row, measured, seconds: (performance.now() - began) / 1000 }
      }
    })
    child.once('exit', () => {
      clearTimeout(timer)
      resolve(outcome)
    })
  })
}
