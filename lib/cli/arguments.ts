import { parseArgs } from 'node:util'
import { CutoverError } from '../core/error.js'
import { nearest } from './nearest.js'
import { type ReadFile, readMember } from './value.js'
import { negationOf, OWN_FLAGS, type Verb } from './verb.js'

export interface VerbArguments {
  /** As the schema of the command accepts it; not yet with its defaults. */
  input: { [name: string]: unknown }
  yes: boolean
  /** `null`: not said. */
  wait: boolean | null
}

/**
 * What was typed after the verb, checked against the command's own schema, so that a slip costs no request. Throws
 * `invalid-input` with a sentence about the first fault; values are never quoted.
 */
export async function verbArguments(verb: Verb, args: string[], readFile: ReadFile): Promise<VerbArguments> {
  const { values, positionals } = parse(verb, args)
  const input: { [name: string]: unknown } = {}
  for (const [at, member] of verb.positionals.entries()) {
    const text = positionals[at]
    if (text === undefined) throw usage(`${verb.command.name} needs ${placeOf(member.flag)}.`)
    if (['', '.', '..'].includes(text)) throw usage(`${placeOf(member.flag)} cannot be empty, "." or "..".`)
    input[member.name] = await readMember(member, placeOf(member.flag), [text], readFile)
  }
  if (positionals.length > verb.positionals.length) {
    throw usage(`${verb.command.name} takes ${verb.positionals.length} arguments, not ${positionals.length}.`)
  }
  for (const member of verb.flags) {
    const given = (values[member.flag] ?? []).map(String)
    const negation = negationOf(member)
    const negated = negation !== null && values[negation] !== undefined
    const flag = `--${member.flag}`
    if (negated && given.length > 0) throw usage(`${flag} and --${negation} contradict each other.`)
    if (negated) input[member.name] = member.nullable ? null : false
    else if (given.length > 0) input[member.name] = await readMember(member, flag, given, readFile)
    else if (member.required) throw usage(`${verb.command.name} needs ${flag}.`)
  }
  await checkInput(verb, input)
  return { input, yes: values.yes !== undefined, wait: waitOf(values) }
}

/** The name of a positional argument: `RUN_ID`. */
export function placeOf(flag: string): string {
  return flag.replaceAll('-', '_').toUpperCase()
}

export function usage(message: string): CutoverError {
  return new CutoverError('invalid-input', message)
}

type Values = { [name: string]: (string | boolean)[] | undefined }

function parse(verb: Verb, args: string[]): { values: Values; positionals: string[] } {
  const options: { [name: string]: { type: 'string' | 'boolean'; multiple: true } } = {}
  for (const name of OWN_FLAGS) options[name] = { type: 'boolean', multiple: true }
  for (const member of verb.flags) {
    const negation = negationOf(member)
    if (negation !== null) options[negation] = { type: 'boolean', multiple: true }
    const bare = member.kind === 'boolean' && !member.list
    options[member.flag] = { type: bare ? 'boolean' : 'string', multiple: true }
  }
  if (!verb.startsRun) {
    delete options.wait
    delete options['no-wait']
  }
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw usage(faultOf(error, args, Object.keys(options)))
  }
}

/** Node's own sentence, on one line; for an unknown flag ours, which names the flag and not its value. */
function faultOf(error: unknown, args: string[], known: string[]): string {
  if (!(error instanceof TypeError) || !('code' in error)) throw error
  if (error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return error.message.replaceAll('\n', ' ')
  const names = args.flatMap((arg) => /^--?([^=]+)/.exec(arg)?.[1] ?? [])
  const name = names.find((other) => !known.includes(other)) ?? ''
  const close = nearest(name, known)
  return `There is no flag --${name} here.${close === null ? '' : ` Did you mean --${close}?`}`
}

function waitOf(values: Values): boolean | null {
  if (values.wait !== undefined && values['no-wait'] !== undefined) throw usage('--wait and --no-wait contradict.')
  if (values.wait !== undefined) return true
  return values['no-wait'] === undefined ? null : false
}

async function checkInput(verb: Verb, input: unknown): Promise<void> {
  const judged = await verb.command.input.safeParseAsync(input)
  if (judged.success) return
  const faults = judged.error.issues.slice(0, FAULTS_MAX).map((issue) => {
    const [first, ...rest] = issue.path
    const flag = verb.flags.find((member) => member.name === first)?.flag
    const place = verb.positionals.find((member) => member.name === first)?.flag
    const name = flag !== undefined ? `--${flag}` : place !== undefined ? placeOf(place) : 'The input'
    return `${[name, ...rest].map(String).join('.')}: ${issue.message}`
  })
  throw usage(`${faults.join('; ')}.`)
}

/** Faults named at once. */
const FAULTS_MAX = 10
