import { shortened } from '../../lib/cli/text.js'

/** What the demo says while it runs, on standard error: lines that stay, and one that is drawn over on a terminal. */
export interface Progress {
  /** Something happened. */
  say(line: string): void
  /** How it stands; elsewhere than on a terminal only now and then. */
  show(line: string): void
  end(): void
}

const SHOW_MS_MIN = 2_000

export function progressOn(output: NodeJS.WriteStream, startedAt: number): Progress {
  let drawn = false
  let last = Number.NEGATIVE_INFINITY
  const clear = (): void => {
    if (drawn) output.write('\r\u001b[2K')
    drawn = false
  }
  const stamped = (line: string): string => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    return `${new Date().toISOString().slice(11, 19)} ${seconds.padStart(6)} s  ${line}`
  }
  return {
    say(line) {
      clear()
      output.write(`${stamped(line)}\n`)
    },
    show(line) {
      if (output.isTTY) {
        clear()
        output.write(shortened(stamped(line), Math.max(20, (output.columns ?? 80) - 1)))
        drawn = true
        return
      }
      const now = performance.now()
      if (now - last < SHOW_MS_MIN) return
      last = now
      output.write(`${stamped(line)}\n`)
    },
    end: clear,
  }
}
