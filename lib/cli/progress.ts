import type { Run } from './run.js'
import type { Output } from './terminal.js'
import { printable, shortened } from './text.js'

/**
 * Draws how far a run is: one line that is drawn over on a terminal; elsewhere plain lines, at most one every
 * `LINE_MS_MIN`. `end` leaves the cursor on a fresh line.
 */
export function progressView(output: Output, clock: { monotonic(): number }): ProgressView {
  let lastMs: number | null = null
  let open = false
  return {
    show(run) {
      const line = progressLine(run)
      if (output.isTTY) {
        output.write(`\r\u001b[2K${shortened(line, Math.max(20, output.columns - 1))}`)
        open = true
        return
      }
      const now = clock.monotonic()
      if (lastMs !== null && now - lastMs < LINE_MS_MIN) return
      lastMs = now
      output.write(`${line}\n`)
    },
    end() {
      if (open) output.write('\n')
      open = false
    },
  }
}

export interface ProgressView {
  show(run: Run): void
  end(): void
}

const LINE_MS_MIN = 2_000
const BAR_CHARS = 24

function progressLine(run: Run): string {
  const { done, total, perSecond, secondsLeft } = run.progress
  const parts = [`${run.kind} ${run.collection}`]
  if (total === null) parts.push(`${count(done)} done`)
  else {
    // Rounded down: 100 % is said when nothing is left.
    const share = total === 0 ? 1 : Math.min(1, Math.max(0, done / total))
    const filled = Math.floor(share * BAR_CHARS)
    parts.push(`[${'#'.repeat(filled)}${'-'.repeat(BAR_CHARS - filled)}] ${Math.floor(share * 100)} %`)
    parts.push(`${count(done)} of ${count(total)}`)
  }
  if (perSecond !== null) parts.push(`${count(perSecond)}/s`)
  if (run.status === 'running' && secondsLeft !== null) parts.push(`${duration(secondsLeft)} left`)
  if (run.status === 'running' && run.reason !== null) parts.push(run.reason)
  if (run.status !== 'running') parts.push(run.status + (run.reason === null ? '' : `: ${run.reason}`))
  return printable(parts.join('  '))
}

/** Thousands apart; one decimal only below ten. */
function count(value: number): string {
  const digits = value < 10 ? Math.round(value * 10) / 10 : Math.round(value)
  return String(digits).replace(/\B(?=(\d{3})+$)/g, ',')
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`
}
