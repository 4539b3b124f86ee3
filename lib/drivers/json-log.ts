import { LOG_LEVELS, type LogLevel } from '../core/environment.js'

/** One JSON line an event, on standard error. */
export function jsonLog(level: LogLevel): Log {
  const shown = LOG_LEVELS.indexOf(level)
  const write = (of: 'error' | 'info' | 'debug'): Log['error'] => {
    if (LOG_LEVELS.indexOf(of) > shown) return () => {}
    return (event, fields) =>
      console.error(JSON.stringify({ at: new Date().toISOString(), level: of, event, ...fields }))
  }
  return { error: write('error'), info: write('info'), debug: write('debug') }
}

export interface Log {
  error(event: string, fields: { [name: string]: string | number | boolean | null }): void
  info(event: string, fields: { [name: string]: string | number | boolean | null }): void
  debug(event: string, fields: { [name: string]: string | number | boolean | null }): void
}
