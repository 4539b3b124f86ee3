/**
 * Where back-ups are kept: texts under names, written once.
 *
 * - `write` keeps a text under a name for good, in clear or sealed with a key that is not in the store. Written again, the
 *   same text changes nothing; another one is a `conflict`. An answer that does not come (`unavailable`) says nothing:
 *   it is asked for again.
 * - `read` answers the very text that was written, or throws `corrupt-document`: a part that was changed, cut or put in
 *   another's place is never answered. `null`: certainly absent. A sealed text without its key is `configuration`.
 * - `digest` is SHA-256 of the text in UTF-8, 64 hexadecimal digits.
 */
export interface BackupStore {
  readonly label: string
  /** Names the key that seals, without telling it; `null`: there is none. */
  keyId(): Promise<string | null>
  digest(text: string): Promise<string>
  write(name: string, text: string, options: { sealed: boolean }): Promise<void>
  /** Like `write`, but in place of what is there. Only for what tells of a back-up, never for its parts. */
  replace(name: string, text: string): Promise<void>
  read(name: string): Promise<string | null>
  /** Names that begin with `prefix`, in name order. */
  list(prefix: string): Promise<string[]>
  remove(name: string): Promise<void>
}
