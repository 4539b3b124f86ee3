import { CutoverError } from '../core/error.js'
import { isJsonObject } from '../core/json.js'
import { placeOf, usage, type VerbArguments, verbArguments } from './arguments.js'
import { type Answer, type ClientParts, callCommand } from './client.js'
import { connectionOf, type Environment } from './connection.js'
import { EXIT, type ExitCode } from './exit.js'
import { failureOf } from './failure.js'
import { followRun } from './follow.js'
import { FOLLOW_HELP, overallHelp, verbHelp } from './help.js'
import { nearest } from './nearest.js'
import { progressView } from './progress.js'
import { renderResult } from './render.js'
import { reportAnswer, reportFailure } from './report.js'
import type { Run } from './run.js'
import type { Terminal } from './terminal.js'
import { jsonLine, printable } from './text.js'
import type { ReadFile } from './value.js'
import { type CliCommand, OWN_VERBS, SHORT_NAMES, type Verb, verbOf } from './verb.js'

/**
 * The command line: one verb of the operators, carried to a cutover server. It holds no rule of its own; what a verb
 * is, takes and needs is said by its command. Never throws. No token and no stack is ever printed.
 */
export async function runCli(args: readonly string[], parts: CliParts): Promise<ExitCode> {
  const json = ownPart(args).includes('--json')
  try {
    return await dispatch([...args], parts, json)
  } catch (error) {
    return reportFailure(parts.terminal, failureOf(error), json)
  }
}

export interface CliParts {
  commands: readonly CliCommand[]
  env: Environment
  terminal: Terminal
  clock: { monotonic(): number; sleep(ms: number): Promise<void> }
  fetch: typeof globalThis.fetch
  readFile: ReadFile
  version: string
}

async function dispatch(args: string[], parts: CliParts, json: boolean): Promise<ExitCode> {
  const { terminal } = parts
  const at = args.findIndex((arg) => !arg.startsWith('-'))
  const leading = at === -1 ? args : args.slice(0, at)
  if (leading.includes('--version')) return print(terminal, `${parts.version}\n`)
  const rest = at === -1 ? [] : [...leading, ...args.slice(at + 1)]
  const wantsHelp = args[at] === 'help' || ownPart(args).some((arg) => arg === '--help' || arg === '-h')
  const name = args[at] === 'help' ? rest.find((arg) => !arg.startsWith('-')) : args[at]
  if (name === undefined) {
    if (wantsHelp) return print(terminal, overallHelp(verbsOf(parts)))
    terminal.err.write(overallHelp(verbsOf(parts)))
    throw usage('Which verb?')
  }
  if (name === 'follow') return wantsHelp ? print(terminal, FOLLOW_HELP) : follow(rest, parts, json)
  const verb = findVerb(name, parts)
  return wantsHelp ? print(terminal, verbHelp(verb)) : runVerb(verb, rest, parts, json)
}

async function runVerb(verb: Verb, args: string[], parts: CliParts, json: boolean): Promise<ExitCode> {
  const { terminal } = parts
  const given = await verbArguments(verb, args, parts.readFile)
  const client: ClientParts = { connection: connectionOf(parts.env), fetch: parts.fetch }
  if (verb.command.destructive && !given.yes && !(await isConfirmed(verb, given, terminal))) {
    throw new CutoverError('conflict', 'It was not confirmed; nothing was done.')
  }
  const answer = await callCommand(client, verb.command, given.input)
  const runId = answer.kind === 'done' ? runIdOf(verb, answer.result) : null
  const wait = given.wait ?? (terminal.out.isTTY && terminal.err.isTTY)
  if (runId === null || !wait) return report(parts, client, answer, json)
  terminal.err.write(`Run ${printable(runId)} has started. It goes on without this command.\n`)
  return waitFor(runId, { ...parts, ...client }, json, (run) => ({ runId, ...run }))
}

async function follow(args: string[], parts: CliParts, json: boolean): Promise<ExitCode> {
  const [runId, ...more] = args.filter((arg) => arg !== '--json')
  if (runId === undefined || runId.startsWith('-')) throw usage('follow needs RUN_ID.')
  if (more.length > 0 || ['', '.', '..'].includes(runId)) throw usage('follow takes one RUN_ID and --json.')
  const client: ClientParts = { connection: connectionOf(parts.env), fetch: parts.fetch }
  return waitFor(runId, { ...parts, ...client }, json, (run) => run)
}

async function waitFor(
  runId: string,
  parts: CliParts & ClientParts,
  json: boolean,
  shape: (run: Run) => unknown,
): Promise<ExitCode> {
  const view = progressView(parts.terminal.err, parts.clock)
  const followed = await followRun({ ...parts, view }, runId)
  view.end()
  if (followed.kind === 'lost') return report(parts, parts, followed.answer, json)
  const { run } = followed
  parts.terminal.out.write(json ? jsonLine(shape(run)) : renderResult(run))
  return run.status === 'succeeded' ? EXIT.ok : EXIT.failed
}

function report(parts: CliParts, client: ClientParts, answer: Answer, json: boolean): ExitCode {
  const exit = reportAnswer(parts.terminal, answer, json)
  if (exit === EXIT.notAllowed && client.connection.tokens.length === 0) {
    parts.terminal.err.write('No token is set: put one into CUTOVER_ADMIN_TOKEN.\n')
  }
  return exit
}

async function isConfirmed(verb: Verb, given: VerbArguments, terminal: Terminal): Promise<boolean> {
  const { name, summary } = verb.command
  if (!terminal.interactive) throw usage(`${name} needs --yes where nobody can be asked for confirmation.`)
  const places = verb.positionals.map((member) => `${placeOf(member.flag)} ${String(given.input[member.name])}`)
  terminal.err.write(`${printable([name, ...places].join(' '))}\n${summary}\n`)
  const answer = await terminal.ask('Go on? [y/N] ')
  return /^y(es)?$/i.test(answer.trim())
}

function verbsOf(parts: CliParts): Verb[] {
  return parts.commands.map(verbOf)
}

function findVerb(given: string, parts: CliParts): Verb {
  const name = Object.hasOwn(SHORT_NAMES, given) ? (SHORT_NAMES[given] ?? given) : given
  const taken = parts.commands.find((command) => OWN_VERBS.some((own) => own === command.name))
  if (taken !== undefined)
    throw new CutoverError('configuration', `A command is named ${taken.name}, as a verb of the CLI.`)
  const command = parts.commands.find((other) => other.name === name)
  if (command !== undefined) return verbOf(command)
  const close = nearest(name, [...OWN_VERBS, ...parts.commands.map((other) => other.name)])
  const hint = close === null ? 'cutover help lists them.' : `Did you mean ${close}?`
  throw usage(`There is no verb ${name}. ${hint}`)
}

function runIdOf(verb: Verb, result: unknown): string | null {
  return verb.startsRun && isJsonObject(result) && typeof result.runId === 'string' ? result.runId : null
}

/** What stands before `--`; behind it are arguments, whatever they look like. */
function ownPart(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  return end === -1 ? args : args.slice(0, end)
}

function print(terminal: Terminal, text: string): ExitCode {
  terminal.out.write(text)
  return EXIT.ok
}
