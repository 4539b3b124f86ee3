import { Cron } from 'croner'

/**
 * The first time after `afterMs` at which `cron` (five fields, optionally behind `CRON_TZ=Europe/Paris `) is due.
 * Throws if the expression is not valid or never due again. The default zone is UTC.
 */
function nextCronTime(cron: string, afterMs: number): number {
  const [, timezone = 'UTC', pattern = cron] = /^CRON_TZ=(\S+)\s+(.+)$/.exec(cron.trim()) ?? []
  const next = new Cron(pattern.trim(), { timezone, mode: '5-part' }).nextRun(new Date(afterMs))
  if (next === null) throw new RangeError('The cron expression is never due again.')
  return next.getTime()
}

/**
 * The same on a clock that runs `scale` times as fast since `startedAt`: with scale 60, a schedule of every minute is
 * due every second.
 */
export function nextScaledCronTime(cron: string, now: number, scale: number, startedAt: number): number {
  const due = nextCronTime(cron, startedAt + (now - startedAt) * scale)
  return startedAt + (due - startedAt) / scale
}
