import type * as z from 'zod'
import type { Command } from '../commands/command.js'
import { CutoverError } from '../core/error.js'
import { type Member, membersOf } from './member.js'

/** A command as a subcommand: path parameters are positional, in their order; all other input is flags. */
export interface Verb {
  command: CliCommand
  positionals: readonly Member[]
  flags: readonly Member[]
  /** It answers with the id of a run of its own, which can be waited for. */
  startsRun: boolean
}

/** What the command line needs of a command; it is run by the server. */
export type CliCommand = Omit<Command<never, z.ZodType, z.ZodType>, 'run'>

/** Verbs that the CLI itself has. */
export const OWN_VERBS = ['help', 'follow'] as const
/** Shorter names that are understood as well. */
export const SHORT_NAMES: { readonly [name: string]: string } = { plan: 'plan-migration' }
/** Flags that every verb has, so that no input may be called by their names. */
export const OWN_FLAGS = ['help', 'json', 'yes', 'wait', 'no-wait'] as const

export function verbOf(command: CliCommand): Verb {
  const members = membersOf(command.input)
  const inPath = [...command.http.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const positionals = inPath.map((name) => {
    const member = members.find((other) => other.name === name)
    if (member !== undefined) return member
    throw new CutoverError('configuration', `The path of the command ${command.name} has {${name}}, its input has not.`)
  })
  const flags = members.filter((member) => !inPath.includes(member.name))
  checkNames(command.name, flags)
  const isNew = !members.some((member) => member.name === 'runId')
  const startsRun = !command.readOnly && isNew && membersOf(command.output).some((member) => member.name === 'runId')
  return { command, positionals, flags, startsRun }
}

/** How a flag is spelled when it takes something away: `--no-dry-run`, and `null` for what may be `null`. */
export function negationOf(member: Member): string | null {
  return (member.kind === 'boolean' && !member.list) || member.nullable ? `no-${member.flag}` : null
}

function checkNames(verb: string, flags: readonly Member[]): void {
  const taken = new Set<string>(OWN_FLAGS)
  for (const name of flags.flatMap((member) => [member.flag, negationOf(member) ?? []].flat())) {
    if (taken.has(name)) throw new CutoverError('configuration', `The command ${verb} has two flags --${name}.`)
    taken.add(name)
  }
}
