import { createHash } from 'node:crypto'
import type { Command } from './commands.js'

/**
 * Lets scripts that ask Upstash for per-key locks (`#!lua flags=allow-key-locking`) run on a Redis that rejects the
 * flag. The flag is taken out of the script, which changes its SHA-1; the client goes on using the SHA-1 of its own
 * text, and this keeps the way from one to the other.
 *
 * A way that is not known (after a restart) leads to NOSCRIPT, upon which clients send the script again.
 */
export class ScriptShas {
  readonly #backendShas = new Map<string, string>()

  /** The command to send in place of this one, and the SHA-1 to answer in place of the backend's, if it is one. */
  translate(command: Command): { command: Command; answer: string | null } {
    const [first, second, ...rest] = command.args
    if (first === undefined) return { command, answer: null }
    const text = String(first)
    switch (command.name) {
      case 'EVAL':
      case 'EVAL_RO': {
        const stripped = this.#strip(text)
        return {
          command: stripped ? { ...command, args: [stripped.script, ...command.args.slice(1)] } : command,
          answer: null,
        }
      }
      case 'EVALSHA':
      case 'EVALSHA_RO':
        return { command: { ...command, args: [this.#backendSha(text), ...command.args.slice(1)] }, answer: null }
      case 'SCRIPT': {
        const verb = text.toUpperCase()
        if (verb === 'EXISTS') {
          const shas = command.args.slice(1).map((sha) => this.#backendSha(String(sha)))
          return { command: { ...command, args: [first, ...shas] }, answer: null }
        }
        const stripped = verb === 'LOAD' && second !== undefined ? this.#strip(String(second)) : null
        if (!stripped) return { command, answer: null }
        return { command: { ...command, args: [first, stripped.script, ...rest] }, answer: stripped.clientSha }
      }
      default:
        return { command, answer: null }
    }
  }

  #strip(script: string): { script: string; clientSha: string } | null {
    const stripped = withoutKeyLocking(script)
    if (stripped === null) return null
    const clientSha = sha1(script)
    this.#backendShas.delete(clientSha)
    this.#backendShas.set(clientSha, sha1(stripped))
    const oldest = this.#backendShas.keys().next()
    if (this.#backendShas.size > SCRIPTS_MAX && !oldest.done) this.#backendShas.delete(oldest.value)
    return { script: stripped, clientSha }
  }

  #backendSha(clientSha: string): string {
    return this.#backendShas.get(clientSha.toLowerCase()) ?? clientSha
  }
}

const SCRIPTS_MAX = 10_000
const FLAG = 'allow-key-locking'

/** The script without the flag, with its line numbers kept; `null` if it does not have the flag. */
function withoutKeyLocking(script: string): string | null {
  const shebang = /^#!lua[^\n]*/.exec(script)?.[0]
  const flags = /\sflags=(\S*)/.exec(shebang ?? '')?.[1]?.split(',')
  if (shebang === undefined || !flags?.includes(FLAG)) return null
  const others = flags.filter((flag) => flag !== FLAG)
  // Without other flags the whole line goes: a bare `#!lua` would turn on stricter rules than Upstash applies.
  return (others.length > 0 ? `#!lua flags=${others.join(',')}` : '') + script.slice(shebang.length)
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
