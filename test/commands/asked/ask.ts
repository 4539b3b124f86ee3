import type { World } from '../../engine/runs/world.js'

/** What each command is asked in the first place; `before` brings the world (in shadow) to where it makes sense. */
export interface Ask {
  input?: object
  /** Members of the path. */
  path?: { [name: string]: string }
  before?: (at: World) => Promise<{ [name: string]: string } | undefined>
  /** It changes something that nobody decides, and is not in the audit trail. */
  silent?: true
}

export interface Asked {
  [command: string]: Ask
}
