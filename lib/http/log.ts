/** Where the HTTP surface reports. Fields are keys, codes and versions; never payloads, never tokens. */
export interface Log {
  /** Someone must look. */
  error(event: string, fields: LogFields): void
  /** State changed. */
  info(event: string, fields: LogFields): void
  debug(event: string, fields: LogFields): void
}

export interface LogFields {
  readonly [name: string]: string | number | boolean | null
}
