import { ROLES } from '../commands/command.js'
import { placeOf } from './arguments.js'
import { DEFAULT_URL, TOKEN_VARIABLES } from './connection.js'
import type { Member } from './member.js'
import { columns } from './text.js'
import { negationOf, SHORT_NAMES, type Verb } from './verb.js'

/** All verbs, by what they are about; what the weakest role may not do says who may. */
export function overallHelp(verbs: readonly Verb[]): string {
  const areas = new Map<string, string[][]>()
  for (const { command, ...verb } of verbs) {
    const { area = OTHER, role, summary } = command
    const who = role === ROLES[0] ? '' : ` (${role})`
    areas.set(area, [...(areas.get(area) ?? []), [synopsis({ command, ...verb }), summary + who]])
    if (area === 'runs' && command.name === 'show-run') areas.get(area)?.push(FOLLOW_ROW)
  }
  if (!areas.has('runs')) areas.set('runs', [FOLLOW_ROW])
  const groups = [...areas].map(([area, rows]) => ['', `${area}:`, ...indented(columns(rows))])
  return text([
    'cutover VERB [ARGUMENT...] [--flag value...]',
    '',
    `What needs more than the role ${ROLES[0]} says so.`,
    ...groups.flat(),
    '',
    'cutover help VERB explains a verb; cutover --version prints the version.',
    '',
    ...OWN_FLAGS_HELP,
    '',
    ...ENVIRONMENT_HELP,
    '',
    'Exit codes: 0 ok, 1 failed or refused, 2 usage, 3 not allowed, 4 unreachable.',
  ])
}

export function verbHelp(verb: Verb): string {
  const { command } = verb
  const rows = [...verb.flags].sort((a, b) => Number(b.required) - Number(a.required)).map(flagRow)
  const places = verb.positionals.map((member) => [placeOf(member.flag), explained(member)])
  const effect = command.readOnly ? 'Changes nothing.' : command.destructive ? 'Asks for confirmation.' : ''
  return text([
    `cutover ${synopsis(verb)}${rows.length === 0 ? '' : ' [--flag value...]'}`,
    '',
    command.summary,
    `Needs the role ${command.role}. ${effect}`.trimEnd(),
    ...shortNames(command.name).map((short) => `In short: cutover ${short}.`),
    ...(places.length + rows.length === 0 ? [] : ['', ...indented(columns([...places, ...rows]))]),
    '',
    ...(verb.startsRun ? OWN_FLAGS_HELP : OWN_FLAGS_HELP.filter((line) => !line.includes('--wait'))),
  ])
}

function shortNames(name: string): string[] {
  return Object.keys(SHORT_NAMES).filter((short) => SHORT_NAMES[short] === name)
}

const OTHER = 'other'
const FOLLOW_ROW = ['follow RUN_ID', 'Shows how far a run is until it is over.']

export const FOLLOW_HELP = text([
  'cutover follow RUN_ID [--json]',
  '',
  'Shows how far a run is until it is over. Fails unless the run succeeds. Needs the role viewer.',
])

const OWN_FLAGS_HELP = [
  'Flags of every verb:',
  ...indented(
    columns([
      ['--json', 'Print the result as one line of JSON.'],
      ['--yes', 'Do not ask for confirmation.'],
      ['--wait, --no-wait', 'Wait for the run that is started, or not; on a terminal, waiting is the default.'],
      ['--help', 'Explain the verb.'],
    ]),
  ),
]

const ENVIRONMENT_HELP = [
  'Environment:',
  ...indented(
    columns([
      ['CUTOVER_URL', `The server (${DEFAULT_URL}).`],
      ...ROLES.toReversed().map((role) => [TOKEN_VARIABLES[role], `A token of the role ${role}.`]),
    ]),
  ),
  '  Of several tokens, the weakest that a verb allows is used.',
]

function synopsis(verb: Verb): string {
  return [verb.command.name, ...verb.positionals.map((member) => placeOf(member.flag))].join(' ')
}

function flagRow(member: Member): [string, string] {
  const negation = negationOf(member)
  const bare = member.kind === 'boolean' && !member.list
  const names = [`--${member.flag}${bare ? '' : ` ${placeholder(member)}`}`]
  if (negation !== null) names.push(`--${negation}`)
  return [names.join(', '), explained(member)]
}

function placeholder(member: Member): string {
  const one =
    member.choices.length > 0
      ? member.choices.join('|')
      : { text: 'TEXT', number: 'N', boolean: 'true|false', scalar: 'VALUE', json: 'JSON|@FILE' }[member.kind]
  return member.list ? `${one},...` : one
}

function explained(member: Member): string {
  const preset = member.default === '' ? '' : `Default ${member.default}.`
  const sentence = member.description === '' ? '' : `${member.description.replace(/\.$/, '')}.`
  return [member.required ? 'Required.' : '', sentence, preset].filter((part) => part !== '').join(' ')
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}
