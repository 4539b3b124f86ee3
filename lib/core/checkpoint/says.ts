import type { Because, CheckpointFinding, CheckpointKind, Rule } from './checkpoint.js'

/** A settled checkpoint in a sentence or two, for people. */
export function says(rule: Rule, finding: CheckpointFinding | null): string {
  if (finding === null) return `${ASKED[rule.kind]}: not settled yet.`
  const told = finding.because in SAYS ? SAYS[finding.because](finding, rule) : finding.because
  return `${ASKED[rule.kind]}: ${OUTCOME[finding.outcome]}. ${told}`
}

const ASKED: { [kind in CheckpointKind]: string } = {
  'data-consistency': 'Data consistency, by a sample',
  'full-consistency': 'Data consistency, of every record',
  'api-compatibility': 'API compatibility',
  performance: 'Performance',
  'zero-loss': 'Zero loss',
}

const OUTCOME = { pass: 'passed', breach: 'a breach', 'not-enough-evidence': 'not enough evidence' } as const

type Say = (finding: CheckpointFinding, rule: Rule) => string

const SAYS: { [because in Because]: Say } = {
  'no-differences': (finding, rule) =>
    rule.kind === 'data-consistency'
      ? `${sampled(finding)}, none differ${unjudged(finding)}: ${bound(finding)}`
      : `All ${n(finding, 'compared')} records were compared, none differ${unjudged(finding)}.`,
  'differences-found': (finding, rule) =>
    rule.kind === 'data-consistency'
      ? `${sampled(finding)}, ${n(finding, 'differing')} differ: ${bound(finding)}`
      : `Of ${n(finding, 'compared')} records ${n(finding, 'differing')} differ.`,
  'bound-too-wide': (finding, rule) =>
    `${sampled(finding)}, none differ, but that says only that ${bound(finding)} Asked for was at most ${percent(rule.kind === 'data-consistency' ? (rule.boundShare ?? 1) : 1)}: take a larger sample.`,
  'nothing-to-compare': () => 'Neither store lists a record.',
  'too-few-compared': (finding) => `Only ${n(finding, 'compared')} records could be compared.`,
  'listing-damaged': () =>
    'Part of the target’s listing is damaged: what only the target has was not looked for there.',
  'not-comparable': (finding) =>
    `${n(finding, 'inconclusive')} could not be judged: the stage lets the stores differ, or they kept changing.`,
  'answers-alike': (finding) =>
    `${n(finding, 'compared')} requests (${n(finding, 'recorded')} of them recorded from traffic) are answered alike from both paths.`,
  'answers-differ': (finding) =>
    `Of ${n(finding, 'compared')} requests ${n(finding, 'different')} are answered differently (${kinds(finding)}).`,
  'too-few-requests': (finding) =>
    `Only ${n(finding, 'withRecords')} requests that show a record could be compared, of ${n(finding, 'minRequests')} at least.`,
  'within-limit': (finding) => ratio(finding),
  'over-limit': (finding) => ratio(finding),
  'too-few-pairs': (finding) =>
    `Only ${n(finding, 'pairs')} requests have met both paths, of ${n(finding, 'minPairs')} at least.`,
  'interval-too-wide': (finding) => `${ratio(finding)} More requests would tell.`,
  'zero-loss-proved': (finding) => `Proved for ${n(finding, 'records')} records, at epoch ${n(finding, 'epoch')}.`,
  'loss-found': (finding) =>
    `${n(finding, 'uncovered')} copies of the source are not at the target, which was set back ${n(finding, 'setBacks')} times.`,
  'zero-loss-not-proved': (finding) => String(finding.numbers.why ?? 'Something that the proof needs is missing.'),
  'not-for-this-component': () => 'A component that a flag switches keeps no records here.',
  'run-failed': (finding) => `The run that was to find out failed: ${String(finding.numbers.note ?? 'see the run')}`,
  'run-cancelled': () => 'The run that was to find out was cancelled.',
  'out-of-time': () => 'It was not found out in time.',
}

function n({ numbers }: CheckpointFinding, name: string): string {
  const value = numbers[name]
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : String(value ?? 'an unknown number of')
}

function sampled(finding: CheckpointFinding): string {
  return `Sampled ${n(finding, 'compared')} of ${n(finding, 'frame')}`
}

function unjudged(finding: CheckpointFinding): string {
  return finding.numbers.inconclusive === 0 ? '' : ` (${n(finding, 'inconclusive')} could not be judged)`
}

function bound(finding: CheckpointFinding): string {
  const { differingShareAtMost: share, confidence } = finding.numbers
  const shown = typeof share === 'number' ? ` (${percent(share)})` : ''
  const sure = typeof confidence === 'number' ? percent(confidence) : 'unknown'
  return `at most ${n(finding, 'differingAtMost')}${shown} differ, with ${sure} confidence.`
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`
}

function kinds({ numbers }: CheckpointFinding): string {
  const named = Object.entries(numbers).filter(([name]) => name.startsWith('differIn-'))
  return named.map(([name, count]) => `${name.slice('differIn-'.length)}: ${String(count)}`).join(', ')
}

function ratio(finding: CheckpointFinding): string {
  const { metric, ratio: of, ratioAtLeast, ratioAtMost, confidence } = finding.numbers
  const times = (value: unknown): string =>
    typeof value === 'number' ? `${Math.round(value * 1000) / 1000}` : 'unknown'
  const sure = typeof confidence === 'number' ? percent(confidence) : 'unknown'
  return `On ${n(finding, 'pairs')} requests the ${String(metric)} of the new path is ${times(of)} times that of the old one; with ${sure} confidence at least ${times(ratioAtLeast)} times, and with as much at most ${times(ratioAtMost)} times. The limit is ${n(finding, 'limit')}.`
}
